"""Limits: what may be used in a time, a period, or for money, and how much of it is left."""

from typing import Protocol

from tulou.contracts.limits.messages import (
    GetStanding,
    LeaseShares,
    Limit,
    LimitList,
    LimitPage,
    ListLimits,
    NameLimit,
    ReadLimits,
    Replayed,
    ReplayLimits,
    Shares,
    StandingList,
    ValidateLimits,
)
from tulou.kernel.message import Done, Rejections


class Limits(Protocol):
    """Limits, quotas and budgets."""

    async def limits(self, request: ListLimits) -> LimitList:
        """Return all limits."""
        ...

    async def read(self, request: ReadLimits) -> LimitPage:
        """Return limits by name, those that there are, or a page of all: for who keeps up with very many."""
        ...

    async def put_limit(self, request: Limit) -> Limit:
        """Make or replace a limit; what was used of it stays used."""
        ...

    async def delete_limit(self, request: NameLimit) -> Done:
        """Remove a limit."""
        ...

    async def lease(self, request: LeaseShares) -> Shares:
        """Settle what a gateway used, and give it more to spend; what is granted counts as used until settled."""
        ...

    async def standing(self, request: GetStanding) -> StandingList:
        """Say how much of limits is used, held and forecast."""
        ...

    async def replay(self, request: ReplayLimits) -> Replayed:
        """Decide past requests again under other limits; changes nothing."""
        ...

    async def validate_limits(self, request: ValidateLimits) -> Rejections:
        """Say which limits would be refused, and why."""
        ...
