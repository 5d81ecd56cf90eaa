"""What a snapshot is made of, asked of the services that know it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import structlog

from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import GetPolicySet, PolicySet
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import KeyGrant, ListGrants
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit, ListLimits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import ListPrices, PriceList
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import Deployment, ListDeployments
from tulou.kernel.errors import TulouError

T = TypeVar("T")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What all sources said."""

    grants: tuple[KeyGrant, ...]
    deployments: tuple[Deployment, ...]
    limits: tuple[Limit, ...]
    prices: PriceList
    policies: PolicySet


class Sources:
    """Asks every source; one that is away is taken to say what it said last, so that it holds up no other's news.

    Before each has been heard once there is no snapshot at all: a house must not start without its limits.
    """

    def __init__(
        self, *, identity: Identity, serving: Serving, limits: Limits, metering: Metering, governance: Governance
    ) -> None:
        self._last: dict[str, object] = {}
        self._identity = identity
        self._serving = serving
        self._limits = limits
        self._metering = metering
        self._governance = governance

    async def deployments(self) -> tuple[Deployment, ...]:
        """Return the deployments as they are now; raise if that cannot be said."""
        return (await self._serving.deployments(ListDeployments())).items

    async def all(self) -> Known:
        """Return what is known now; raise the error of a source that was never heard."""
        return Known(
            grants=await self._or_last("identity", self._grants),
            deployments=await self._or_last("serving", self.deployments),
            limits=await self._or_last("limits", self._all_limits),
            prices=await self._or_last("metering", self._prices),
            policies=await self._or_last("governance", self._policies),
        )

    async def _or_last(self, name: str, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            said = await ask()
        except TulouError as error:
            if name not in self._last:
                raise
            log.warning("snapshot_source_away", source=name, error=str(error))
            return cast("T", self._last[name])
        self._last[name] = said
        return said

    async def _grants(self) -> tuple[KeyGrant, ...]:
        return (await self._identity.grants(ListGrants())).items

    async def _all_limits(self) -> tuple[Limit, ...]:
        return (await self._limits.limits(ListLimits())).items

    async def _prices(self) -> PriceList:
        return await self._metering.prices(ListPrices())

    async def _policies(self) -> PolicySet:
        return await self._governance.policy_set(GetPolicySet())
