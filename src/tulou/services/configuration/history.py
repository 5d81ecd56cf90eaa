"""Revisions: what is kept of each, and a new one whenever the house is found other than the newest says.

Large documents are read, compared and written in threads: the loop serves others meanwhile.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from tulou.contracts.configuration.messages import Revision
from tulou.kernel.clock import Clock
from tulou.kernel.errors import NotFoundError
from tulou.kernel.message import message
from tulou.ports.database import Database
from tulou.services.configuration import store
from tulou.services.configuration.acting import HOUSE
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


FOUND = "changed before this apply, by whom is not known"
START = "as it was found at the start"
UNKNOWN_AMONG = 10
"""Among so many of the newest revisions is looked for one that nobody made."""


@message
class RecordedChange:
    """A change, or several of a burst: by whom, why, by way of what, and in which `sections` of the document.

    It was made not before `since`, and was `noted` after it was made (None: that is not known).
    """

    author: str
    reason: str
    source: Source
    via: str = ""
    since: float | None = None
    noted: float | None = None
    sections: frozenset[str] = frozenset()


class RevisionHistory:
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

    async def record(self, now: Resources, made: RecordedChange) -> Revision:
        """Keep the house as a new revision if it differs from the newest; return the one that says how it is.

        Without a reason it says what changed. Where nothing differs, the change that was `made` may stand in a revision
        of which nobody knew whose it was: then that one is theirs.
        """
        number = await self.newest()
        before = await self.resources(number) if number else dict.fromkeys(SECTIONS, _NOTHING)
        steps = await asyncio.to_thread(difference, before, now)
        if number and not steps:
            await self._attribute(made)
            return await self.find(number)
        changes = tuple(change_of(step) for step in steps)
        found = Revision(number=number + 1, at=self._clock.now(), author="", reason="", source="start", changes=changes)
        revision = _made_by(found, made)
        text = await asyncio.to_thread(written, now)
        async with self._database.transaction() as tx:
            await store.add(tx, revision, text, keep=self._settings.revisions)
        return revision

    async def _attribute(self, made: RecordedChange) -> None:
        """Give the newest revision that nobody made, and that may be what was made, to whoever made it."""
        async with self._database.transaction() as tx:
            for revision in await store.page(tx, after=0, limit=UNKNOWN_AMONG):
                if _may_be(revision, made):
                    await store.attribute(tx, _made_by(revision, made))
                    return


def _may_be(revision: Revision, made: RecordedChange) -> bool:
    """Say whether what was found may be what was made: in the same section, and looked for when it had been made.

    How the house was at its start is nobody's, unless that was recorded late, after the change had been noted.
    """
    earliest = {FOUND: made.since, START: made.noted}.get(revision.reason)
    if revision.author != HOUSE or earliest is None or revision.at < earliest:
        return False
    return any(change.resource in made.sections for change in revision.changes)


def _made_by(revision: Revision, made: RecordedChange) -> Revision:
    return replace(
        revision,
        author=_line(made.author)[:AUTHOR_CAP],
        reason=_line(made.reason or summary(revision.changes))[:REASON_CAP],
        source=made.source,
        via=_line(made.via)[:VIA_CAP],
    )


def _line(text: str) -> str:
    """Return a text as one line that every database takes."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


_NOTHING: Mapping[str, Entry] = {}


def _unknown(number: int) -> NotFoundError:
    return NotFoundError(f"no revision {number}; `tulou revisions` shows those that are kept", param="revision")
