"""The allowances port over the limits contract: the control process counts, or has its store count."""

from collections.abc import Mapping, Sequence

from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import GetStanding, LeaseShares, Limit, NameLimit, Shares, Standing
from tulou.ports.allowances import Level


class ControlAllowances:
    """Control knows its limits best: the caller's are not sent."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        """Ask the limits service."""
        del limits
        return await self._limits.lease(request)

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        """Ask how they stand."""
        names = {limit.name for limit in limits}
        return [_level(one) for one in (await self._limits.standing(GetStanding())).items if one.limit.name in names]

    async def forget(self, limit: str) -> None:
        """Remove the limit, with what was counted of it: this side of the contract knows no other way."""
        await self._limits.delete_limit(NameLimit(name=limit))


def _level(standing: Standing) -> Level:
    factor = MEASURES[standing.limit.measure].scale
    return Level(
        limit=standing.limit.name,
        subject=standing.subject,
        used=round(standing.used * factor),
        held=round(standing.held * factor),
        resets_at=standing.resets_at,
    )
