"""Keep a revision for what was changed otherwise: in the console, by the command line, over REST.

Whoever makes a change does not wait for it. Changes that come in a burst become one revision, with all their authors.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from tulou.contracts.configuration.messages import Note
from tulou.kernel.errors import ConflictError, TulouError
from tulou.services.configuration.acting import HOUSE
from tulou.services.configuration.history import Source

Record = Callable[[str, str, Source], Awaitable[object]]
"""Author, reason, source."""

AGAIN_S = 1.0
AUTHORS_CAP = 8
START = "as it was found at the start"

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Noting:
    """What was noted and not yet recorded is bounded: of more changes than it can name, it keeps the last reason."""

    def __init__(self, record: Record, *, gather_s: float) -> None:
        self._record = record
        self._gather_s = gather_s
        self._authors: dict[str, None] = {}
        self._reason = ""
        self._bell = asyncio.Event()

    def note(self, note: Note) -> None:
        """Take down who changed something, and why."""
        if len(self._authors) < AUTHORS_CAP:
            self._authors[note.author or HOUSE] = None
        self._reason = note.reason
        self._bell.set()

    async def run(self) -> None:
        """Record the state at the start, then after every burst, until cancelled; what is left then is recorded too."""
        await self._until_recorded(HOUSE, START, "start")
        try:
            while True:
                await self._bell.wait()
                await asyncio.sleep(self._gather_s)
                await self._flush()
        finally:
            if self._authors:
                with suppress(TulouError):
                    await self._record(*self._taken(), "console")

    async def _flush(self) -> None:
        author, reason = self._taken()
        await self._until_recorded(author, reason, "console")

    def _taken(self) -> tuple[str, str]:
        author, reason = ", ".join(self._authors), self._reason
        self._authors.clear()
        self._bell.clear()
        return author, reason

    async def _until_recorded(self, author: str, reason: str, source: Source) -> None:
        while True:
            try:
                await self._record(author, reason, source)
            except ConflictError:
                pass  # an apply is under way; what it ends in is recorded by itself
            except TulouError as error:
                log.warning("revision_not_recorded", error=str(error))
            except Exception:
                log.exception("revision_not_recorded")  # a bug must not silence all later revisions
            else:
                return
            await asyncio.sleep(AGAIN_S)
