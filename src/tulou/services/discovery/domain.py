"""Leases: who has one, until when, and who must not come back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tulou.contracts.discovery.messages import Announce, LiveReplica, Replica, ReplicaHealth
from tulou.kernel.errors import ConflictError, LimitedError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaLease:
    """One replica's promise to say again that it lives, before `until` (monotonic seconds)."""

    live: LiveReplica
    until: float


class NameMemory:
    """The last so many names; the oldest is forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._names: dict[str, None] = {}

    def add(self, name: str) -> None:
        """Remember a name."""
        self._names.pop(name, None)
        self._names[name] = None
        if len(self._names) > self._most:
            del self._names[next(iter(self._names))]

    def __contains__(self, name: str) -> bool:
        return name in self._names


class LeaseTable:
    """All leases. Each method that changes what a balancer must know returns True for it; load alone never does."""

    def __init__(self, *, most: int, remembered: int) -> None:
        self._most = most
        self._leases: dict[str, ReplicaLease] = {}
        self._draining = NameMemory(remembered)
        self._withdrawn = NameMemory(remembered)

    def announce(self, request: Announce, *, now: float, monotonic: float) -> bool:
        """Take or renew a lease; raise `ConflictError` for a withdrawn name, `LimitedError` when the table is full."""
        replica = request.replica
        if replica.id in self._withdrawn:
            raise ConflictError(f"replica {replica.id!r} was withdrawn; start another one under a new id")
        known = self._leases.get(replica.id)
        if known is None and len(self._leases) >= self._most:
            raise LimitedError(f"{self._most} replicas are under lease; raise [discovery] replicas for more")
        live = LiveReplica(
            replica=replica,
            health=self._health(replica),
            load=request.load,
            since=known.live.since if known else now,
            seen_at=now,
        )
        self._leases[replica.id] = ReplicaLease(live=live, until=monotonic + request.ttl_s)
        return known is None or known.live.replica != replica

    def drain(self, name: str) -> bool:
        """Mark a name, under lease or not, as one that gets nothing new."""
        self._draining.add(name)
        lease = self._leases.get(name)
        if lease is None or lease.live.health == "draining":
            return False
        self._leases[name] = replace(lease, live=replace(lease.live, health="draining"))
        return True

    def withdraw(self, name: str) -> bool:
        """End a lease, and let nobody take one under this name again."""
        self._withdrawn.add(name)
        return self._leases.pop(name, None) is not None

    def sweep(self, monotonic: float) -> tuple[str, ...]:
        """Drop what was not renewed in time, and return the names."""
        ended = tuple(name for name, lease in self._leases.items() if lease.until <= monotonic)
        for name in ended:
            del self._leases[name]
        return ended

    def is_draining(self, name: str) -> bool:
        """Say whether a replica has been asked to finish."""
        return name in self._draining

    def live(self) -> Sequence[LiveReplica]:
        """Return everything under lease, in the order of the names."""
        return [self._leases[name].live for name in sorted(self._leases)]

    def _health(self, replica: Replica) -> ReplicaHealth:
        return "draining" if replica.id in self._draining else "ready"
