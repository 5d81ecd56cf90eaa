"""Patience with a control plane that has just come back and does not know yet who lives."""

from dataclasses import replace

from tulou.contracts.routing.messages import Snapshot, Target
from tulou.kernel.clock import Clock


class ReplicaGrace:
    """For a while after a line opens, a target without replicas keeps those it had: they announce themselves soon.

    A replica that is really gone refuses connections, and is left out for that. After the while the newest snapshot
    holds as it is.
    """

    def __init__(self, *, clock: Clock, for_s: float) -> None:
        self._clock = clock
        self._for_s = for_s
        self._until = 0.0

    def line_opened(self) -> None:
        """Start the while."""
        self._until = self._clock.monotonic() + self._for_s

    @property
    def left_s(self) -> float:
        """How much of the while is left."""
        return max(0.0, self._until - self._clock.monotonic())

    def keep_known(self, snapshot: Snapshot, known: Snapshot | None) -> Snapshot:
        """Return the snapshot with the replicas that it has not heard of yet."""
        if known is None or self._clock.monotonic() >= self._until:
            return snapshot
        before = {target.deployment: target for target in known.targets}
        targets = tuple(_filled(target, before) for target in snapshot.targets)
        return snapshot if targets == snapshot.targets else replace(snapshot, targets=targets)


def _filled(target: Target, before: dict[str, Target]) -> Target:
    known = before.get(target.deployment)
    return target if target.replicas or known is None else replace(target, replicas=known.replicas)
