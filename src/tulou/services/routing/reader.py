"""Keeps what a house has many of true, by asking who knows it: what was named first, and all of it in rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import ListGrants
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit, ReadLimits
from tulou.contracts.routing.messages import Grant
from tulou.kernel.errors import TulouError
from tulou.rules.routing.ring import DigestedMap
from tulou.services.routing import domain
from tulou.services.routing.changes import Changes
from tulou.services.routing.refresh import TOGETHER, RefreshQueue, Scope, Sweep

Item = TypeVar("Item")


class ItemSource(Protocol[Item]):
    """Who knows the items of a kind."""

    async def named(self, names: tuple[str, ...]) -> Sequence[Item]:
        """Return those of the items named that there are."""
        ...

    async def page(self, scope: Scope, after: str) -> tuple[Sequence[Item], str | None]:
        """Return the items of a scope beyond a name, and beyond which to ask next."""
        ...

    def covers(self, scope: Scope, item: Item) -> bool:
        """Say whether an item is of a scope."""
        ...


@dataclass(frozen=True, slots=True)
class GrantSource:
    """Identity tells of keys."""

    identity: Identity

    async def named(self, names: tuple[str, ...]) -> Sequence[Grant]:
        """Ask for keys."""
        return domain.grants((await self.identity.grants(ListGrants(keys=names, limit=len(names)))).items)

    async def page(self, scope: Scope, after: str) -> tuple[Sequence[Grant], str | None]:
        """Ask for a page."""
        request = ListGrants(tenant=scope.tenant, principal=scope.principal, after=after, limit=TOGETHER)
        found = await self.identity.grants(request)
        return domain.grants(found.items), found.next

    def covers(self, scope: Scope, item: Grant) -> bool:
        """Say whether a key is of a tenant, or of a principal."""
        return scope.tenant in ("", item.tenant) and scope.principal in ("", item.principal)


@dataclass(frozen=True, slots=True)
class LimitSource:
    """Limits tells of limits; all of them are one scope."""

    limits: Limits

    async def named(self, names: tuple[str, ...]) -> Sequence[Limit]:
        """Ask for limits."""
        return (await self.limits.read(ReadLimits(names=names))).items

    async def page(self, scope: Scope, after: str) -> tuple[Sequence[Limit], str | None]:
        """Ask for a page."""
        del scope
        found = await self.limits.read(ReadLimits(after=after, limit=TOGETHER))
        return found.items, found.next

    def covers(self, scope: Scope, item: Limit) -> bool:
        """Say yes."""
        del scope, item
        return True


class ItemReader(Generic[Item]):
    """One step at a time, so that what was read later is taken in later."""

    def __init__(self, teller: ItemSource[Item], ring: DigestedMap[Item]) -> None:
        self.errands = RefreshQueue()
        self.swept = False  # whether all was heard once
        self._teller = teller
        self._ring = ring
        self._round = Sweep(Scope())
        self.errands.go_on(self._round)

    def look_again(self) -> None:
        """Have everything asked again, and at once."""
        self.errands.sweep(Scope())

    def refresh(self) -> bool:
        """Have the next page looked at again; return whether a new round begins with it."""
        begins = self._round.done
        if begins:
            self._round = Sweep(Scope())
        self.errands.go_on(self._round)
        return begins

    async def step(self) -> Changes[Item]:
        """Do one of the errands, those of single items first; one that is not answered is to be done again."""
        if names := self.errands.take_names():
            return await self._named(names)
        if sweep := self.errands.take_sweep():
            return await self._page(sweep)
        return Changes()

    async def _named(self, names: tuple[str, ...]) -> Changes[Item]:
        try:
            found = await self._teller.named(names)
        except TulouError:
            self.errands.ask_for(names)
            raise
        return Changes(found, set(names) - {self._ring.name(item) for item in found})

    async def _page(self, sweep: Sweep) -> Changes[Item]:
        try:
            found, following = await self._teller.page(sweep.scope, sweep.after)
        except TulouError:
            self.errands.go_on(sweep)
            raise
        sweep.took([self._ring.name(item) for item in found], following=following)
        if sweep.done:
            self.errands.ask_for(self._missing(sweep))
            self.swept = True
        elif sweep is not self._round or not self.swept:  # the rounds after the first are in no hurry
            self.errands.go_on(sweep)
        return Changes(found)

    def _missing(self, sweep: Sweep) -> list[str]:
        """Return the names that were not found; they are to be asked for, since some were made meanwhile."""
        unseen = (item for item in self._ring if self._ring.name(item) not in sweep.seen)
        return [self._ring.name(item) for item in unseen if self._teller.covers(sweep.scope, item)]
