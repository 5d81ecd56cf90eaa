"""The plan in force, and how it is replaced."""

from dataclasses import dataclass, field

import structlog

from tulou.kernel.clock import Clock
from tulou.services.gateway.snapshot.mirror import SnapshotMirror
from tulou.services.gateway.snapshot.plan import PlanCompiler, RequestPlan

log = structlog.get_logger()


@dataclass(slots=True)
class LiveSnapshot:
    """Requests read `plan` once and keep what they read."""

    planner: PlanCompiler
    clock: Clock
    plan: RequestPlan | None = None
    mirror: SnapshotMirror | None = None
    connected: bool = False
    heard_at: float = field(default=0.0)

    def apply(self, mirror: SnapshotMirror) -> bool:
        """Put a snapshot in force, whole or not at all; say whether that was done."""
        try:
            plan = self.planner.compile(mirror)
        except Exception:  # whatever is in it, requests go on by the one before
            log.exception("snapshot_refused", revision=mirror.standing.revision)
            return False
        self.plan = plan
        self.mirror = mirror
        self.heard_at = self.clock.now()
        log.info(
            "snapshot_applied",
            revision=plan.revision,
            models=len(plan.models),
            keys=len(plan.grants),
            limits=len(mirror.rules),
            replicas=sum(len(target.replicas) for target in mirror.standing.targets),
        )
        return True

    @property
    def age_s(self) -> float:
        """Seconds since the control plane was last heard, 0 while the line to it is open."""
        return 0.0 if self.connected or not self.heard_at else self.clock.now() - self.heard_at
