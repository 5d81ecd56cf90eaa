"""Limits, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.limits.api import DELETE_LIMIT, LEASE, LIMITS, PUT_LIMIT, READ, REPLAY, STANDING, VALIDATE_LIMITS
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
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done, Rejections


@dataclass(frozen=True, slots=True)
class LimitsClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def limits(self, request: ListLimits) -> LimitList:
        """Return all limits."""
        return await self.transport.call(LIMITS, request)

    async def read(self, request: ReadLimits) -> LimitPage:
        """Return limits by name, those that there are, or a page of all: for who keeps up with very many."""
        return await self.transport.call(READ, request)

    async def put_limit(self, request: Limit) -> Limit:
        """Make or replace a limit; what was used of it stays used."""
        return await self.transport.call(PUT_LIMIT, request)

    async def delete_limit(self, request: NameLimit) -> Done:
        """Remove a limit."""
        return await self.transport.call(DELETE_LIMIT, request)

    async def lease(self, request: LeaseShares) -> Shares:
        """Settle what a gateway used, and give it more to spend; what is granted counts as used until settled."""
        return await self.transport.call(LEASE, request)

    async def standing(self, request: GetStanding) -> StandingList:
        """Say how much of limits is used, held and forecast."""
        return await self.transport.call(STANDING, request)

    async def replay(self, request: ReplayLimits) -> Replayed:
        """Decide past requests again under other limits; changes nothing."""
        return await self.transport.call(REPLAY, request)

    async def validate_limits(self, request: ValidateLimits) -> Rejections:
        """Say which limits would be refused, and why."""
        return await self.transport.call(VALIDATE_LIMITS, request)
