"""What a deployment's replicas amount to, in one word and one sentence."""

from collections.abc import Sequence

from tulou.contracts.serving.messages import DeploymentState
from tulou.services.serving.domain.values import LEAVING, KeptReplica, WantedDeployment, is_fresh

Verdict = tuple[DeploymentState, str]


def judge(wanted: WantedDeployment, kept: Sequence[KeptReplica]) -> Verdict:
    """Return state and why."""
    if wanted.deleting:
        return "deleting", f"{len(kept)} replicas are leaving"
    if wanted.replicas == 0:
        return ("progressing", f"{len(kept)} replicas are leaving") if kept else ("stopped", "no replicas are wanted")
    return _running(wanted, kept)


def _running(wanted: WantedDeployment, kept: Sequence[KeptReplica]) -> Verdict:
    fresh = [replica for replica in kept if is_fresh(replica, wanted)]
    staying = [replica for replica in kept if replica.state not in LEAVING]
    new = sum(replica.state == "running" for replica in fresh)
    running = sum(replica.state == "running" for replica in staying)
    trouble = next((replica for replica in staying if replica.state in ("failed", "unreachable")), None)
    if new >= wanted.replicas and len(staying) == len(fresh):
        return "ready", f"{new} of {wanted.replicas} replicas run"
    if trouble is None:
        return "progressing", _progress(wanted, fresh, new)
    why = f"{running} of {wanted.replicas} replicas run; {trouble.id}: {trouble.why}"
    hopeless = running == 0 and trouble.state == "failed" and trouble.deadline is None
    return "failed" if hopeless else "degraded", why


def _progress(wanted: WantedDeployment, fresh: Sequence[KeptReplica], new: int) -> str:
    waiting = next((replica for replica in fresh if replica.state == "pending"), None)
    coming = next((replica for replica in fresh if replica.state in ("scheduled", "starting", "warming")), None)
    first = waiting or coming
    said = f"; {first.id} is {first.state}: {first.why}" if first else ""
    return f"{new} of {wanted.replicas} replicas run{said}"
