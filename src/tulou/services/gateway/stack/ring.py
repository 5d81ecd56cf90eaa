"""A ring of hashes: each key has a place of its own, and few keys move when a replica comes or goes.

Consistent hashing with bounded loads, after Mirrokni, Thorup and Zadimoghaddam (2016).
"""

from bisect import bisect
from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import ceil

from tulou.services.gateway.stack.backend import Backend

POINTS = 64
"""Places of a replica of weight 1 on the ring; more of them spread keys more evenly."""

BOUND = 1.25
"""No replica carries more than this times the mean load, so that a popular key overflows to its neighbours."""


class HashRing:
    """Of the replicas of one deployment; every gateway process builds the same one."""

    def __init__(self, backends: Sequence[Backend]) -> None:
        self._backends = tuple(backends)
        points = [
            (_hash(f"{backend.replica.id}#{number}"), backend)
            for backend in backends
            for number in range(max(1, round(POINTS * backend.weight)))
        ]
        points.sort(key=lambda point: point[0])
        self._hashes = [hashed for hashed, _ in points]
        self._places = [backend for _, backend in points]

    def pick(self, key: str, usable: Callable[[Backend], bool]) -> Backend | None:
        """Return the first replica from the key's place on that is usable and within its bound."""
        total = sum(backend.in_flight for backend in self._backends) + 1
        weights = sum(backend.weight for backend in self._backends)
        start, count = bisect(self._hashes, _hash(key)), len(self._places)
        fallback: Backend | None = None
        for step in range(count):
            backend = self._places[(start + step) % count]
            if not usable(backend):
                continue
            if backend.in_flight < ceil(BOUND * total * backend.weight / weights):
                return backend
            fallback = fallback or backend
        return fallback


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
