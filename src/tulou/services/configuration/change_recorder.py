"""Keep a revision for what was changed otherwise: in the console, by the command line, over REST.

Whoever makes a change does not wait for it. Changes that come in a burst become one revision, with all their authors.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from tulou.contracts.configuration.messages import Note
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, TulouError
from tulou.services.configuration.acting import HOUSE
from tulou.services.configuration.domain.document import HELD
from tulou.services.configuration.history import START, RecordedChange

Record = Callable[[RecordedChange], Awaitable[object]]
"""Keeps the house as it is, and by whom it became so."""

AGAIN_S = 1.0
LATE_S = 1.0
"""A note comes after its change, and so much later at most: the house may have been looked at between the two."""

AUTHORS_CAP = 8

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class ChangeRecorder:
    """What was noted and not yet recorded is bounded: of more changes than it can name, it keeps the last reason."""

    def __init__(self, record: Record, *, clock: Clock, gather_s: float) -> None:
        self._record = record
        self._clock = clock
        self._gather_s = gather_s
        self._authors: dict[str, None] = {}
        self._reason = ""
        self._ways: dict[str, None] = {}
        self._sections: set[str] = set()
        self._noted_at = 0.0
        self._bell = asyncio.Event()
        self.begun = asyncio.Event()
        """Set once it was tried to record the state at the start: what is changed from then on is no part of that."""

    def note(self, note: Note) -> None:
        """Take down who changed something, and why."""
        if not self._bell.is_set():
            self._noted_at = self._clock.now()
        if len(self._authors) < AUTHORS_CAP:
            self._authors[note.author or HOUSE] = None
        self._reason = note.reason
        if note.via and len(self._ways) < AUTHORS_CAP:
            self._ways[note.via] = None
        if note.noun in HELD:
            self._sections.add(HELD[note.noun])
        self._bell.set()

    async def run(self) -> None:
        """Record the state at the start, then after every burst, until cancelled; what is left then is recorded too."""
        await self._until_recorded(RecordedChange(author=HOUSE, reason=START, source="start"))
        try:
            while True:
                await self._bell.wait()
                await asyncio.sleep(self._gather_s)
                await self._flush()
        finally:
            if self._authors:
                with suppress(TulouError):
                    await self._record(self._taken())

    async def _flush(self) -> None:
        await self._until_recorded(self._taken())

    def _taken(self) -> RecordedChange:
        authors, ways = ", ".join(self._authors), ", ".join(self._ways)
        taken = RecordedChange(
            author=authors,
            reason=self._reason,
            source="console",
            via=ways,
            since=self._noted_at - self._gather_s - LATE_S,
            noted=self._noted_at,
            sections=frozenset(self._sections),
        )
        self._authors.clear()
        self._ways.clear()
        self._sections.clear()
        self._bell.clear()
        return taken

    async def _until_recorded(self, made: RecordedChange) -> None:
        while True:
            try:
                await self._record(made)
            except ConflictError:
                pass  # an apply is under way; what it ends in is recorded by itself
            except TulouError as error:
                log.warning("revision_not_recorded", error=str(error))
            except Exception:
                log.exception("revision_not_recorded")  # a bug must not silence all later revisions
            else:
                return
            finally:
                self.begun.set()
            await asyncio.sleep(AGAIN_S)
