"""What is wanted, what is kept, and what is seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tulou.contracts.serving.messages import ReplicaState

LEAVING: frozenset[ReplicaState] = frozenset({"draining", "stopped"})
"""A replica in one of these never serves again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDeployment:
    """A deployment: so many replicas of this generation; `need` is what one of them takes, in bytes of memory.

    The replicas of a remote deployment are its upstreams, and have no workers.
    """

    name: str
    generation: int
    replicas: int
    remote: bool = False
    deleting: bool = False
    need: int = 0
    start_deadline_s: float = 120.0
    drain_deadline_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReplica:
    """A replica as the table has it. `outdated` asks for another in its place; `slot` says which upstream it is."""

    id: str
    deployment: str
    generation: int
    version: int
    engine: str
    state: ReplicaState
    why: str
    since: float
    deadline: float | None = None
    slot: int = 0
    restarts: int = 0
    outdated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """What the launcher says; `exit_code` is None while it runs."""

    exit_code: int | None = None
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSeen:
    """What discovery says."""

    draining: bool
    in_flight: int
    seen_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSeen:
    """What the last look at an upstream said."""

    outcome: Literal["reachable", "refused", "unreachable"]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRefusal:
    """Why a launch came to nothing, and whether another try would end the same way."""

    why: str
    hopeless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedReplica:
    """All that is seen of one replica; `busy` while it is being launched or ended."""

    refusal: StartRefusal | None = None
    worker: WorkerSeen | None = None
    live: LiveSeen | None = None
    probe: ProbeSeen | None = None
    busy: bool = False

    @property
    def works(self) -> bool:
        """Whether there is, or may be in a moment, a process."""
        return self.busy or (self.worker is not None and self.worker.exit_code is None)


UNSEEN = ObservedReplica()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The world: replicas by id, free memory in bytes, and since when discovery has been listened to."""

    replicas: Mapping[str, ObservedReplica] = field(default_factory=dict[str, ObservedReplica])
    memory: int = 1 << 62
    since: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileRules:
    """Times in seconds; `surge` is how many replicas there may be beyond those wanted."""

    surge: int = 1
    schedule_deadline_s: float = 60.0
    settle_s: float = 0.5
    lost_after_s: float = 2.5
    unreachable_deadline_s: float = 10.0
    quiet_s: float = 1.0
    stop_grace_s: float = 10.0
    backoff_s: float = 0.2
    backoff_max_s: float = 30.0
    stable_s: float = 60.0
    hopeless: frozenset[int] = frozenset()

    def backoff(self, restarts: int) -> float:
        """Return how long to wait before the next start: twice as long each time, up to a limit."""
        return min(self.backoff_s * 2 ** min(max(0, restarts - 1), 32), self.backoff_max_s)


def is_fresh(kept: KeptReplica, wanted: WantedDeployment) -> bool:
    """Say whether a replica is of the kind that is wanted now."""
    return kept.generation == wanted.generation and not kept.outdated
