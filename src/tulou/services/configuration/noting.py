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

Record = Callable[[str, str, Source, str], Awaitable[object]]
"""Author, reason, source, and by way of what."""

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
        self._ways: dict[str, None] = {}
        self._bell = asyncio.Event()

    def note(self, note: Note) -> None:
        """Take down who changed something, and why."""
        if len(self._authors) < AUTHORS_CAP:
            self._authors[note.author or HOUSE] = None
        self._reason = note.reason
        if note.via and len(self._ways) < AUTHORS_CAP:
            self._ways[note.via] = None
        self._bell.set()

    async def run(self) -> None:
        """Record the state at the start, then after every burst, until cancelled; what is left then is recorded too."""
        await self._until_recorded(HOUSE, START, "start", "")
        try:
            while True:
                await self._bell.wait()
                await asyncio.sleep(self._gather_s)
                await self._flush()
        finally:
            if self._authors:
                with suppress(TulouError):
                    author, reason, via = self._taken()
                    await self._record(author, reason, "console", via)

    async def _flush(self) -> None:
        author, reason, via = self._taken()
        await self._until_recorded(author, reason, "console", via)

    def _taken(self) -> tuple[str, str, str]:
        taken = ", ".join(self._authors), self._reason, ", ".join(self._ways)
        self._authors.clear()
        self._ways.clear()
        self._bell.clear()
        return taken

    async def _until_recorded(self, author: str, reason: str, source: Source, via: str) -> None:
        while True:
            try:
                await self._record(author, reason, source, via)
            except ConflictError:
                pass  # an apply is under way; what it ends in is recorded by itself
            except TulouError as error:
                log.warning("revision_not_recorded", error=str(error))
            except Exception:
                log.exception("revision_not_recorded")  # a bug must not silence all later revisions
            else:
                return
            await asyncio.sleep(AGAIN_S)
