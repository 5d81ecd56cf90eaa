"""Keeps the chronicle true: asks the sources what has changed, one thing after the other."""

from collections.abc import Iterable

import structlog

from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import ListGrants
from tulou.contracts.routing.messages import Grant
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.services.routing import domain
from tulou.services.routing.chronicle import Chronicle, Parts
from tulou.services.routing.errands import TOGETHER, Errands, Sweep
from tulou.services.routing.sources import Sources

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

Found = tuple[Iterable[Grant], Iterable[str]]
"""Grants as they are, and the keys that are no more."""
NOTHING: Found = ((), ())

PAGE_S = 1.0
"""The least between two pages of a round: a thousand keys cost control about 30 ms."""


class Composer:
    """One step at a time, so that what was read later is taken in later."""

    def __init__(self, sources: Sources, identity: Identity, chronicle: Chronicle, *, clock: Clock) -> None:
        self.errands = Errands()
        self._sources = sources
        self._identity = identity
        self._chronicle = chronicle
        self._clock = clock
        self._swept = False
        self._round = Sweep(ListGrants())
        self.errands.parts |= sources.names
        self.errands.go_on(self._round)

    @property
    def complete(self) -> bool:
        """Whether every source and every key was heard once: a house must not start without its limits."""
        return self._swept and self._sources.known is not None

    def look_again(self) -> None:
        """Have everything asked again, and at once."""
        self.errands.parts |= self._sources.names
        self.errands.sweep(ListGrants())

    def refresh(self) -> None:
        """Have the next keys looked at again, and with each new round all else: some news may have been lost."""
        if self._round.done:
            self._round = Sweep(ListGrants())
            self.errands.parts |= self._sources.names
        self.errands.go_on(self._round)

    def refresh_in_s(self, round_s: float) -> float:
        """Return the seconds until the next refresh, so that a round takes so long, or longer with very many keys."""
        return max(PAGE_S, round_s * TOGETHER / max(TOGETHER, len(self._chronicle.ring)))

    async def step(self) -> bool:
        """Do some of the errands, those of single keys first; return whether all who were asked have answered.

        What they did not answer is to be asked again, and until then they are taken at their last word.
        """
        away = await self._sources.ask(self.errands.take_parts())
        self.errands.parts |= away
        try:
            grants, ended = await self._grants()
        except TulouError as error:
            log.warning("snapshot_source_away", source="identity", error=str(error))
            away, (grants, ended) = away | {"identity"}, NOTHING
        known = self._sources.known
        parts: Parts = domain.parts(known) if known else {}
        self._chronicle.note(self._next_revision(), at=self._clock.now(), parts=parts, grants=grants, ended=ended)
        return not away

    async def _grants(self) -> Found:
        if keys := self.errands.take_keys():
            return await self._named(keys)
        if sweep := self.errands.take_sweep():
            return await self._page(sweep)
        return NOTHING

    async def _named(self, keys: tuple[str, ...]) -> Found:
        try:
            found = await self._identity.grants(ListGrants(keys=keys, limit=len(keys)))
        except TulouError:
            self.errands.ask_for(keys)
            raise
        return domain.grants(found.items), set(keys) - {grant.key for grant in found.items}

    async def _page(self, sweep: Sweep) -> Found:
        try:
            found = await self._identity.grants(sweep.page)
        except TulouError:
            self.errands.go_on(sweep)
            raise
        sweep.took(found)
        if sweep.done:
            self.errands.ask_for(sweep.missing(self._chronicle.ring))
            self._swept = True
        elif sweep is not self._round or not self._swept:  # the rounds after the first are in no hurry
            self.errands.go_on(sweep)
        return domain.grants(found.items), ()

    def _next_revision(self) -> int:
        """Grow by the clock's milliseconds, so that no restart of the control plane repeats a revision."""
        return max(self._chronicle.revision + 1, int(self._clock.now() * 1000))
