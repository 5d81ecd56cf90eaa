"""How many replicas there are, and how one generation takes the place of another without a gap."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tulou.contracts.serving.messages import ReplicaState
from tulou.services.serving.domain.actions import Action, Create, Drain, ForgetReplica, Keep, Remove, Stop, Withdraw
from tulou.services.serving.domain.values import LEAVING, KeptReplica, ReconcileRules, WantedDeployment, is_fresh

_WORTH: tuple[ReplicaState, ...] = ("failed", "pending", "scheduled", "starting", "unreachable", "warming", "running")
"""Those of least worth go first."""
_NEVER_SERVED: frozenset[ReplicaState] = frozenset({"pending", "scheduled", "starting", "failed"})


def scale(
    wanted: WantedDeployment, kept: Sequence[KeptReplica], rules: ReconcileRules, *, now: float
) -> Sequence[Action]:
    """Return what brings the replicas of a deployment nearer to what is wanted."""
    if wanted.deleting and not kept:
        return [Remove(wanted.name)]
    staying = [replica for replica in kept if replica.state not in LEAVING]
    fresh = [replica for replica in staying if is_fresh(replica, wanted)]
    old = [replica for replica in staying if not is_fresh(replica, wanted)]
    count = 0 if wanted.deleting else wanted.replicas
    surplus = sorted(fresh, key=_worth)[: max(0, len(fresh) - count)]
    leaving = [*surplus, *_replaceable(old, fresh, count)]
    return [
        *(action for replica in leaving for action in retire(replica, wanted, rules, now=now)),
        *_created(wanted, fresh, count, most=max(0, count + rules.surge - len(kept))),
    ]


def retire(replica: KeptReplica, wanted: WantedDeployment, rules: ReconcileRules, *, now: float) -> Sequence[Action]:
    """Return how a replica that is not wanted any more leaves: drained if it may be serving, ended at once if not."""
    if wanted.remote and replica.state in _NEVER_SERVED:
        return [Withdraw(replica.id), ForgetReplica(replica.id)]
    if replica.state == "pending":
        return [ForgetReplica(replica.id)]
    if replica.state in _NEVER_SERVED:
        why, until = "is not wanted any more", now + rules.stop_grace_s + rules.quiet_s
        return [
            Keep(replace(replica, state="stopped", why=why, since=now, deadline=until)),
            Stop(replica.id, rules.stop_grace_s),
        ]
    why = "finishes what it has; it is not wanted any more"
    draining = replace(replica, state="draining", why=why, since=now, deadline=now + wanted.drain_deadline_s)
    return [Drain(replica.id), Keep(draining)]


def _replaceable(old: Sequence[KeptReplica], fresh: Sequence[KeptReplica], count: int) -> Iterable[KeptReplica]:
    """Yield the old ones without which enough still run. One that may come back waits until the new ones run."""
    ready = sum(replica.state == "running" for replica in (*fresh, *old))
    new = sum(replica.state == "running" for replica in fresh)
    for replica in sorted(old, key=_worth):
        if replica.state == "running":
            if ready > count:
                ready -= 1
                yield replica
        elif replica.state in _NEVER_SERVED or new >= count:
            yield replica


def _created(wanted: WantedDeployment, fresh: Sequence[KeptReplica], count: int, *, most: int) -> Iterable[Create]:
    """Yield new replicas; the processes that still leave count as well, because they still hold memory."""
    taken = {replica.slot for replica in fresh}
    free = [slot for slot in range(count + len(fresh)) if slot not in taken]
    missing = max(0, count - len(fresh))
    for slot in free[: missing if wanted.remote else min(missing, most)]:
        yield Create(wanted.name, wanted.generation, slot)


def _worth(replica: KeptReplica) -> tuple[int, str]:
    """Order by state, then by age: among equals the oldest goes first."""
    return _WORTH.index(replica.state), replica.id
