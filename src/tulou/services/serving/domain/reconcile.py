"""From what is wanted, kept and seen: what is to be done now, how things stand, and when to look again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tulou.services.serving.domain.actions import Action, Stop, Withdraw
from tulou.services.serving.domain.life import DeploymentLife, Step
from tulou.services.serving.domain.scaling import scale
from tulou.services.serving.domain.upstream import step_upstream
from tulou.services.serving.domain.values import (
    UNSEEN,
    KeptReplica,
    Observed,
    ObservedReplica,
    ReconcileRules,
    WantedDeployment,
)
from tulou.services.serving.domain.verdict import Verdict, judge

CALM_S = 1.0
"""How long to wait when nothing is going on: changes wake the loop, this only catches what nobody told."""
BUSY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePlan:
    """Actions in order, a verdict for each deployment, and the seconds after which to look again."""

    actions: Sequence[Action]
    verdicts: Mapping[str, Verdict]
    wait_s: float


def reconcile(
    wanted: Sequence[WantedDeployment],
    kept: Sequence[KeptReplica],
    observed: Observed,
    *,
    rules: ReconcileRules,
    now: float,
) -> ReconcilePlan:
    """Return the plan for this moment. Called again with the world it makes, it comes to rest with no actions."""
    life = DeploymentLife(rules, now=now, free=observed.memory, blind=now < observed.since + rules.lost_after_s)
    known = {deployment.name: deployment for deployment in wanted}
    actions: list[Action] = []
    staying: list[KeptReplica] = []
    for replica in sorted(kept, key=_launched_first):
        deployment = known.get(replica.deployment) or WantedDeployment(
            name=replica.deployment, generation=-1, replicas=0
        )
        seen = observed.replicas.get(replica.id, UNSEEN)
        after, steps = _step(life, replica, seen, deployment, rules, now)
        actions += steps
        staying += [after] if after is not None else []
    by_deployment = {name: [replica for replica in staying if replica.deployment == name] for name in known}
    scaled = chain.from_iterable(scale(known[name], by_deployment[name], rules, now=now) for name in known)
    actions += [*scaled, *_strays(kept, observed)]
    verdicts = {name: judge(known[name], by_deployment[name]) for name in known}
    return ReconcilePlan(actions=actions, verdicts=verdicts, wait_s=_wait(staying, now))


def _step(
    life: DeploymentLife,
    kept: KeptReplica,
    seen: ObservedReplica,
    wanted: WantedDeployment,
    rules: ReconcileRules,
    now: float,
) -> Step:
    if wanted.remote:
        return step_upstream(kept, seen, rules, now=now)
    return life.step(kept, seen, wanted)


def _launched_first(replica: KeptReplica) -> tuple[bool, str]:
    """Those that are being started have a claim on memory before those that wait for it."""
    return replica.state == "pending", replica.id


def _strays(kept: Sequence[KeptReplica], observed: Observed) -> Iterable[Action]:
    """Yield the end of whatever runs or announces itself though nobody keeps it."""
    known = {replica.id for replica in kept}
    for name, seen in observed.replicas.items():
        if name not in known and seen.live is not None:
            yield Withdraw(name)
        if name not in known and seen.works and not seen.busy:
            yield Stop(name, 0.0)


def _wait(kept: Sequence[KeptReplica], now: float) -> float:
    deadlines = [replica.deadline - now for replica in kept if replica.deadline is not None]
    leaving = [BUSY_S for replica in kept if replica.state in ("draining", "stopped")]
    return max(0.01, min([CALM_S, *deadlines, *leaving]))
