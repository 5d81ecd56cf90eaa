"""A replica as this process knows it: how it is called, how busy we keep it, how it has done."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tulou.chassis.http.origin import split_url
from tulou.chassis.http.request import render_headers
from tulou.contracts.discovery.messages import Replica
from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.clock import Clock
from tulou.services.gateway.stack.circuit import Circuit

PATHS: Mapping[Endpoint, str] = MappingProxyType(
    {"chat": "/v1/chat/completions", "completions": "/v1/completions", "embeddings": "/v1/embeddings"}
)


class Backend:
    """Lives as long as its replica is mentioned in snapshots; calls in flight may outlive it.

    `gone` is set when a connection was refused, and cleared by the prober once somebody listens there again;
    `forgotten` once no snapshot mentions it any more.
    """

    __slots__ = ("circuit", "forgotten", "gone", "heads", "in_flight", "origin", "replica", "tag", "weight")

    def __init__(self, replica: Replica, *, clock: Clock) -> None:
        self.replica = replica
        self.origin, prefix = split_url(replica.url)
        self.circuit = Circuit(clock)
        self.gone = False
        self.forgotten = False
        self.in_flight = 0
        self.weight = max(replica.weight, 0.001)
        self.tag = replica.id.encode("latin-1", "replace")
        self.heads = {endpoint: self._head(prefix + path) for endpoint, path in PATHS.items()}

    def same_place(self, replica: Replica) -> bool:
        """Whether a replica of a new snapshot is the one that is known."""
        known = self.replica
        return (known.url, known.generation, known.headers, known.deployment) == (
            replica.url,
            replica.generation,
            replica.headers,
            replica.deployment,
        )

    def update(self, replica: Replica) -> None:
        """Take what may change about a replica that stays."""
        self.replica = replica
        self.weight = max(replica.weight, 0.001)

    @property
    def load(self) -> float:
        """Calls in flight from this process, in proportion to the replica's weight."""
        return self.in_flight / self.weight

    def _head(self, path: str) -> bytes:
        """Return all of a request's head that is the same each time, without its end."""
        own = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in self.replica.headers]
        fixed = render_headers([(b"host", self.origin.authority), (b"content-type", b"application/json"), *own])
        return b"POST %b HTTP/1.1\r\n%b" % (path.encode("ascii"), fixed)


class Fleet:
    """All backends of this process, kept from one snapshot to the next."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._backends: dict[str, Backend] = {}
        self._epoch: int | None = None

    def __iter__(self) -> Iterator[Backend]:
        """Yield the backends that are mentioned now."""
        return iter(tuple(self._backends.values()))

    def take(self, replica: Replica) -> Backend:
        """Return the backend of a replica: the known one, unless it has moved or is of another generation."""
        known = self._backends.get(replica.id)
        if known is not None and known.same_place(replica):
            known.update(replica)
            return known
        if known is not None:
            known.forgotten = True
        backend = self._backends[replica.id] = Backend(replica, clock=self._clock)
        return backend

    def keep_only(self, ids: set[str]) -> list[Backend]:
        """Forget the backends that are no longer mentioned, and return them."""
        dropped = [self._backends.pop(id_) for id_ in tuple(self._backends) if id_ not in ids]
        for backend in dropped:
            backend.forgotten = True
        return dropped

    def obey_epoch(self, epoch: int) -> None:
        """Close every circuit when the snapshot's epoch has changed."""
        if self._epoch is not None and epoch != self._epoch:
            for backend in self._backends.values():
                backend.circuit.reset()
        self._epoch = epoch
