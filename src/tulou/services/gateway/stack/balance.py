"""The stage that says which replicas a call may go to, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.balancers import Balancer
from tulou.services.gateway.stack.call import Answer, Call, Stage


@dataclass(frozen=True, slots=True)
class DeploymentPool:
    """A deployment's replicas, its share of the route's traffic, and how to choose among them."""

    deployment: str
    weight: float
    backends: tuple[Backend, ...]
    choose: Balancer


class Balance:
    """Chooses a deployment by the route's shares; the others follow when all replicas of that one have failed."""

    def __init__(self, inner: Stage, pools: Sequence[DeploymentPool], *, random: Random) -> None:
        self._inner = inner
        self._pools = tuple(pool for pool in pools if pool.weight > 0)
        self._weights = [pool.weight for pool in self._pools]
        self._random = random

    async def __call__(self, call: Call) -> Answer:
        """Give the call its choice of replicas."""
        call.choice = Balanced(self._pools if len(self._pools) < 2 else self._shuffled())  # noqa: PLR2004 - one needs no dice
        return await self._inner(call)

    def _shuffled(self) -> tuple[DeploymentPool, ...]:
        first = self._random.choices(self._pools, self._weights)[0]
        return (first, *(pool for pool in self._pools if pool is not first))


class Balanced:
    """The choice of one call."""

    __slots__ = ("_pools", "_tried")

    def __init__(self, pools: Sequence[DeploymentPool]) -> None:
        self._pools = pools
        self._tried: list[Backend] = []

    def next(self, call: Call) -> Backend | None:
        """Return the best replica that the call has not tried, or None."""
        tried = self._tried
        for pool in self._pools:
            candidates = [backend for backend in pool.backends if not backend.gone and backend not in tried]
            if candidates:
                backend = pool.choose(candidates, call)
                tried.append(backend)
                return backend
        return None

    def again(self) -> None:
        """Let the replicas that were tried be chosen once more."""
        self._tried.clear()

    def settle(self, backend: Backend, *, good: bool | None, grant: Grant | None = None) -> None:
        """Learn nothing: loads are counted where calls are made."""
