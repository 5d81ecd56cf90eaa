"""Keeps the chronicle true: asks the sources what has changed, one thing after the other."""

import structlog

from tulou.contracts.identity.api import Identity
from tulou.contracts.limits.api import Limits
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.services.routing import domain
from tulou.services.routing.changes import Changes
from tulou.services.routing.history import Parts, SnapshotHistory
from tulou.services.routing.reader import GrantSource, Item, ItemReader, LimitSource
from tulou.services.routing.refresh import TOGETHER
from tulou.services.routing.sources import SnapshotSources

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

PAGE_S = 1.0
"""The least between two pages of a round: a thousand keys cost control about 30 ms."""


class Composer:
    """One step at a time, so that what was read later is taken in later."""

    def __init__(
        self, sources: SnapshotSources, identity: Identity, limits: Limits, chronicle: SnapshotHistory, *, clock: Clock
    ) -> None:
        self.parts = set(sources.names)
        self.keys = ItemReader(GrantSource(identity), chronicle.grants.ring)
        self.limits = ItemReader(LimitSource(limits), chronicle.limits.ring)
        self._sources = sources
        self._chronicle = chronicle
        self._clock = clock

    @property
    def complete(self) -> bool:
        """Whether every source, key and limit was heard once: a house must not start without its limits."""
        return self.keys.swept and self.limits.swept and self._sources.known is not None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to ask."""
        return self.keys.errands.none and self.limits.errands.none and not self.parts

    def look_again(self) -> None:
        """Have everything asked again, and at once."""
        self.parts |= self._sources.names
        self.keys.look_again()
        self.limits.look_again()

    def refresh(self) -> None:
        """Have the next keys and limits looked at again, and with each new round all else: news may have been lost."""
        if self.keys.refresh():
            self.parts |= self._sources.names
        self.limits.refresh()

    def refresh_in_s(self, round_s: float) -> float:
        """Return the seconds until the next refresh, so that a round takes so long, or longer with very many items."""
        most = max(len(self._chronicle.grants.ring), len(self._chronicle.limits.ring))
        return max(PAGE_S, round_s * TOGETHER / max(TOGETHER, most))

    async def step(self) -> bool:
        """Do some of the errands, those of single items first; return whether all who were asked have answered.

        What they did not answer is to be asked again, and until then they are taken at their last word.
        """
        asked, self.parts = self.parts, set[str]()
        away = await self._sources.ask(asked)
        self.parts |= away
        grants = await _step(self.keys, away, "identity")
        limits = await _step(self.limits, away, "limits")
        known = self._sources.known
        parts: Parts = domain.parts(known) if known else {}
        self._chronicle.note(self._next_revision(), at=self._clock.now(), parts=parts, grants=grants, limits=limits)
        return not away

    def _next_revision(self) -> int:
        """Grow by the clock's milliseconds, so that no restart of the control plane repeats a revision."""
        return max(self._chronicle.revision + 1, int(self._clock.now() * 1000))


async def _step(reader: ItemReader[Item], away: set[str], name: str) -> Changes[Item]:
    """Have a reader do one of its errands; note it among those who are away if it gets no answer."""
    try:
        return await reader.step()
    except TulouError as error:
        log.warning("snapshot_source_away", source=name, error=str(error))
        away.add(name)
        return Changes()
