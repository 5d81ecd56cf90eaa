"""What a snapshot is made of, asked of the services that know it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import LiveReplica, WatchReplicas
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import GetPolicySet
from tulou.contracts.limits.api import Limits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import ListPrices
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import Deployment, ListDeployments
from tulou.kernel.errors import TulouError
from tulou.services.routing.domain import SourceState

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotServices:
    """The services that know what a snapshot has beside its keys."""

    serving: Serving
    discovery: Discovery
    limits: Limits
    metering: Metering
    governance: Governance

    def asking(self) -> Mapping[str, Ask]:
        """Return how each is asked, by the names of `SourceState`'s fields."""
        return {
            "deployments": self.deployments,
            "replicas": self._replicas,
            "prices": lambda: self.metering.prices(ListPrices()),
            "policies": lambda: self.governance.policy_set(GetPolicySet()),
        }

    async def deployments(self) -> tuple[Deployment, ...]:
        """Return the deployments as they are now; raise if that cannot be said."""
        return (await self.serving.deployments(ListDeployments())).items

    async def _replicas(self) -> tuple[LiveReplica, ...]:
        return (await self.discovery.replicas(WatchReplicas())).replicas


class SnapshotSources:
    """Asks those that have news; one that is away is taken at its last word, so that it holds up no other's news.

    Before each has been heard once nothing is known at all: a house must not start without its policies.
    """

    def __init__(self, asking: Mapping[str, Ask]) -> None:
        self._asking = asking
        self._last: dict[str, Any] = {}

    @property
    def names(self) -> frozenset[str]:
        """All sources, by the names of `SourceState`'s fields."""
        return frozenset(self._asking)

    @property
    def known(self) -> SourceState | None:
        """What is known; None before each source was heard once."""
        return SourceState(**self._last) if self._last.keys() == self._asking.keys() else None

    async def ask(self, names: Iterable[str]) -> set[str]:
        """Ask some of them again; return those that were away."""
        away: set[str] = set()
        for name in sorted(names):
            try:
                self._last[name] = await self._asking[name]()
            except TulouError as error:
                log.warning("snapshot_source_away", source=name, error=str(error))
                away.add(name)
        return away
