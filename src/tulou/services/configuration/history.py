"""Revisions: what is kept of each, and a new one whenever the house is found other than the newest says.

Large documents are read, compared and written in threads: the loop serves others meanwhile.
"""

import asyncio
from collections.abc import Mapping
from typing import Literal

from tulou.contracts.configuration.messages import Revision
from tulou.kernel.clock import Clock
from tulou.kernel.errors import NotFoundError
from tulou.ports.database import Database
from tulou.services.configuration import store
from tulou.services.configuration.domain.difference import change_of, difference, summary
from tulou.services.configuration.domain.document import SECTIONS, Entry, Resources
from tulou.services.configuration.domain.reading import declared, read_document
from tulou.services.configuration.domain.writing import written
from tulou.services.configuration.settings import ConfigurationSettings

Source = Literal["apply", "rollback", "console", "start"]

NUMBER_MOST = 2**31 - 1
REASON_CAP = 1_000
AUTHOR_CAP = 200
VIA_CAP = 32
OWN_CAP = 64 * 1024 * 1024
"""What we wrote ourselves may be larger than what is taken from others."""


class History:
    """The newest revision always says how the house was when somebody last looked."""

    def __init__(self, database: Database, *, clock: Clock, settings: ConfigurationSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def newest(self) -> int:
        """Return the number of the newest revision, 0 before the first."""
        async with self._database.reading() as tx:
            return await store.newest(tx)

    async def find(self, number: int) -> Revision:
        """Return a revision; raise `NotFoundError` for one that is not kept."""
        async with self._database.reading() as tx:
            revision = await store.find(tx, number)
        if revision is None:
            raise _unknown(number)
        return revision

    async def text(self, number: int) -> str:
        """Return the document of a revision; raise `NotFoundError` for one that is not kept."""
        if not 0 < number <= NUMBER_MOST:
            raise _unknown(number)
        async with self._database.reading() as tx:
            text = await store.document(tx, number)
        if text is None:
            raise _unknown(number)
        return text

    async def resources(self, number: int) -> Resources:
        """Return what a revision declares; raise `NotFoundError` for one that is not kept."""
        text = await self.text(number)
        return declared(await asyncio.to_thread(read_document, text, most=OWN_CAP))

    async def record(self, now: Resources, *, author: str, reason: str, source: Source, via: str = "") -> Revision:
        """Keep the house as a new revision if it differs from the newest; return the one that says how it is.

        Without a reason it says what changed.
        """
        number = await self.newest()
        before = await self.resources(number) if number else dict.fromkeys(SECTIONS, _NOTHING)
        steps = await asyncio.to_thread(difference, before, now)
        if number and not steps:
            return await self.find(number)
        revision = Revision(
            number=number + 1,
            at=self._clock.now(),
            author=_line(author)[:AUTHOR_CAP],
            reason=_line(reason or summary(steps))[:REASON_CAP],
            source=source,
            changes=tuple(change_of(step) for step in steps),
            via=_line(via)[:VIA_CAP],
        )
        text = await asyncio.to_thread(written, now)
        async with self._database.transaction() as tx:
            await store.add(tx, revision, text, keep=self._settings.revisions)
        return revision


def _line(text: str) -> str:
    """Return a text as one line that every database takes."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


_NOTHING: Mapping[str, Entry] = {}


def _unknown(number: int) -> NotFoundError:
    return NotFoundError(f"no revision {number}; `tulou revisions` shows those that are kept", param="revision")
