"""The life of a replica that is an upstream: there is no worker, only what the last probe said."""

from dataclasses import replace

from tulou.contracts.serving.messages import ReplicaState
from tulou.services.serving.domain.actions import ForgetReplica, Keep, Withdraw
from tulou.services.serving.domain.life import Step
from tulou.services.serving.domain.values import LEAVING, KeptReplica, ObservedReplica, ReconcileRules

_STATES: dict[str, ReplicaState] = {"reachable": "running", "refused": "failed", "unreachable": "unreachable"}


def step_upstream(kept: KeptReplica, seen: ObservedReplica, rules: ReconcileRules, *, now: float) -> Step:
    """Return what becomes of an upstream now. It is probed again whatever its state, so each may lead to each."""
    if kept.state in LEAVING:
        if now < kept.since + rules.quiet_s:
            return kept, ()
        return None, (Withdraw(kept.id), ForgetReplica(kept.id))
    if seen.probe is None:
        return _move(kept, "starting", "is probed", now) if kept.state == "pending" else (kept, ())
    return _move(kept, _STATES[seen.probe.outcome], seen.probe.why, now)


def _move(kept: KeptReplica, state: ReplicaState, why: str, now: float) -> Step:
    if (state, why) == (kept.state, kept.why):
        return kept, ()
    since = kept.since if state == kept.state else now
    moved = replace(kept, state=state, why=why, since=since, deadline=None)
    return moved, (Keep(moved),)
