"""Six ways to choose among the replicas of a deployment. All get at least one candidate."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Protocol

from tulou.contracts.routing.messages import Balance, Route
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.ring import HashRing


class Balancer(Protocol):
    """Chooses one of some candidates."""

    def __call__(self, candidates: Sequence[Backend], call: Call) -> Backend:
        """Return the candidate that the call should go to."""
        ...


class PowerOfTwo:
    """The less loaded of two at random: nearly as good as the least loaded of all, without the herd."""

    def __init__(self, random: Random) -> None:
        self._random = random.random

    def __call__(self, candidates: Sequence[Backend], call: Call) -> Backend:  # noqa: ARG002 - the Protocol's
        """Return the candidate that the call should go to."""
        count = len(candidates)
        if count == 1:
            return candidates[0]
        one = int(self._random() * count)
        other = int(self._random() * (count - 1))
        first, second = candidates[one], candidates[other + (other >= one)]
        return first if first.load <= second.load else second


class RoundRobin:
    """Each in turn."""

    def __init__(self) -> None:
        self._turn = 0

    def __call__(self, candidates: Sequence[Backend], call: Call) -> Backend:  # noqa: ARG002 - the Protocol's
        """Return the candidate that the call should go to."""
        self._turn += 1
        return candidates[(self._turn - 1) % len(candidates)]


class AtRandom:
    """Any, with equal chances."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def __call__(self, candidates: Sequence[Backend], call: Call) -> Backend:  # noqa: ARG002 - the Protocol's
        """Return the candidate that the call should go to."""
        return self._random.choice(candidates)


class Weighted:
    """Any, with chances in proportion to weights."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def __call__(self, candidates: Sequence[Backend], call: Call) -> Backend:  # noqa: ARG002 - the Protocol's
        """Return the candidate that the call should go to."""
        return self._random.choices(candidates, [backend.weight for backend in candidates])[0]


class LeastConnections:
    """The one with the fewest calls in flight for its weight; any of them when several are equal."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def __call__(self, candidates: Sequence[Backend], call: Call) -> Backend:  # noqa: ARG002 - the Protocol's
        """Return the candidate that the call should go to."""
        least = min(backend.load for backend in candidates)
        return self._random.choice([backend for backend in candidates if backend.load == least])


class ConsistentHash:
    """The same replica for the same key, user or prompt, as long as that does not overload it."""

    def __init__(self, backends: Sequence[Backend], hash_by: str) -> None:
        self._ring = HashRing(backends)
        self._hash_by = hash_by

    def __call__(self, candidates: Sequence[Backend], call: Call) -> Backend:
        """Return the candidate that the call should go to."""
        key = call.affinity(self._hash_by) if call.affinity else call.grant.key
        return self._ring.pick(key, candidates.__contains__) or candidates[0]


Build = Callable[[Sequence[Backend], Route, Random], Balancer]

BALANCERS: Mapping[Balance, Build] = MappingProxyType(
    {
        "power_of_two": lambda _backends, _route, random: PowerOfTwo(random),
        "round_robin": lambda _backends, _route, _random: RoundRobin(),
        "random": lambda _backends, _route, random: AtRandom(random),
        "weighted": lambda _backends, _route, random: Weighted(random),
        "least_connections": lambda _backends, _route, random: LeastConnections(random),
        "consistent_hash": lambda backends, route, _random: ConsistentHash(backends, route.hash_by),
    }
)
