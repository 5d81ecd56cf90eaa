"""The life of one replica that has a worker: from each state, what is seen leads to the next.

pending -> scheduled -> starting -> warming -> running <-> unreachable; from any of them -> failed, which is renewed
after a while unless that is hopeless; draining -> stopped -> forgotten.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tulou.contracts.serving.messages import ReplicaState
from tulou.services.serving.domain.actions import Action, Drain, ForgetReplica, Keep, Launch, Renew, Stop, Withdraw
from tulou.services.serving.domain.values import (
    LEAVING,
    KeptReplica,
    ObservedReplica,
    ReconcileRules,
    WantedDeployment,
    WorkerSeen,
    is_fresh,
)

Step = tuple[KeptReplica | None, Sequence[Action]]
"""The replica as it is afterwards, None when it is forgotten, and what is to be done for that."""

_MIB = 1 << 20


class DeploymentLife:
    """The rules at one moment; `free` memory, in bytes, shrinks with each launch."""

    def __init__(self, rules: ReconcileRules, *, now: float, free: int, blind: bool) -> None:
        self._rules = rules
        self._now = now
        self._free = free
        self._blind = blind

    def step(self, kept: KeptReplica, seen: ObservedReplica, wanted: WantedDeployment) -> Step:
        """Return what becomes of a replica now."""
        if kept.state != "failed" and seen.worker is not None and seen.worker.exit_code is not None and not seen.busy:
            return self._after_end(kept, seen.worker)
        steps: Mapping[ReplicaState, Callable[[KeptReplica, ObservedReplica, WantedDeployment], Step]] = {
            "pending": self._pending,
            "scheduled": self._scheduled,
            "starting": self._starting,
            "warming": self._serving,
            "running": self._serving,
            "unreachable": self._serving,
            "draining": self._draining,
            "stopped": self._stopped,
            "failed": self._failed,
        }
        return steps[kept.state](kept, seen, wanted)

    def _pending(self, kept: KeptReplica, _: ObservedReplica, wanted: WantedDeployment) -> Step:
        if wanted.need > self._free:
            why = f"needs {wanted.need // _MIB} MiB of memory, {max(0, self._free) // _MIB} MiB are free"
            return (kept, ()) if why == kept.why else self._move(kept, "pending", why)
        self._free -= wanted.need
        moved, actions = self._move(kept, "scheduled", "its model is verified", self._rules.schedule_deadline_s)
        return moved, (*actions, Launch(kept.id))

    def _scheduled(self, kept: KeptReplica, seen: ObservedReplica, wanted: WantedDeployment) -> Step:
        self._free -= wanted.need
        if seen.worker is not None:
            return self._move(kept, "starting", "the worker loads the model", wanted.start_deadline_s)
        if seen.refusal is not None:
            return self._fail(kept, seen.refusal.why, worker=False, hopeless=seen.refusal.hopeless)
        if self._late(kept):
            return self._fail(kept, "was not started in time", worker=seen.works)
        return kept, () if seen.busy else (Launch(kept.id),)

    def _starting(self, kept: KeptReplica, seen: ObservedReplica, wanted: WantedDeployment) -> Step:
        self._free -= wanted.need  # what is being loaded has not been taken yet
        if seen.live is not None:
            return self._move(kept, "warming", "announced itself", self._rules.settle_s)
        if seen.worker is None:
            return self._vanished(kept, seen)
        if self._late(kept):
            return self._fail(kept, "was not ready before its deadline", worker=True)
        return kept, ()

    def _serving(self, kept: KeptReplica, seen: ObservedReplica, _: WantedDeployment) -> Step:
        if seen.worker is None:
            return self._vanished(kept, seen)
        if seen.live is not None:
            return self._heard(kept)
        if self._blind:  # discovery has just begun to listen: silence means nothing yet
            return kept, ()
        if kept.state != "unreachable":
            return self._move(kept, "unreachable", "no longer announces itself", self._rules.unreachable_deadline_s)
        if self._late(kept):
            return self._fail(kept, f"was silent for {self._rules.unreachable_deadline_s:g} s", worker=True)
        return kept, ()

    def _heard(self, kept: KeptReplica) -> Step:
        if kept.state == "running":
            return kept, ()
        if kept.state == "warming" and not self._late(kept):
            return kept, ()
        return self._move(kept, "running", "announces itself")

    def _draining(self, kept: KeptReplica, seen: ObservedReplica, _: WantedDeployment) -> Step:
        drain = () if seen.live is not None and seen.live.draining else (Drain(kept.id),)
        if not seen.works:
            return None, (Withdraw(kept.id), ForgetReplica(kept.id))
        if self._is_quiet(kept, seen):
            return self._stop(kept, "has finished what it had")
        if self._late(kept):
            return self._stop(kept, "did not finish before its drain deadline")
        return kept, drain

    def _is_quiet(self, kept: KeptReplica, seen: ObservedReplica) -> bool:
        """Say whether nothing is in flight; what was on its way when draining was published arrives a moment later."""
        if seen.live is None:
            return self._now >= kept.since + self._rules.lost_after_s and not self._blind
        return seen.live.in_flight == 0 and seen.live.draining and seen.live.seen_at >= kept.since + self._rules.quiet_s

    def _stopped(self, kept: KeptReplica, seen: ObservedReplica, _: WantedDeployment) -> Step:
        if not seen.works:
            return None, (Withdraw(kept.id), ForgetReplica(kept.id))
        grace = 0.0 if self._late(kept) else self._rules.stop_grace_s
        return kept, () if seen.busy else (Stop(kept.id, grace),)

    def _failed(self, kept: KeptReplica, seen: ObservedReplica, wanted: WantedDeployment) -> Step:
        actions: list[Action] = [Withdraw(kept.id)] if seen.live is not None else []
        if seen.works:
            return kept, actions if seen.busy else [*actions, Stop(kept.id, 0.0)]
        if self._late(kept) and is_fresh(kept, wanted):
            return replace(kept, state="pending", deadline=None), [*actions, Renew(kept.id)]
        return kept, actions

    def _after_end(self, kept: KeptReplica, worker: WorkerSeen) -> Step:
        if kept.state in LEAVING:
            return None, (Withdraw(kept.id), ForgetReplica(kept.id))
        code = worker.exit_code or 0
        last = worker.tail.strip().rpartition("\n")[2][:300]
        why = f"the worker ended with {_said(code)}{': ' if last else ''}{last}"
        return self._fail(kept, why, worker=False, hopeless=code in self._rules.hopeless)

    def _vanished(self, kept: KeptReplica, seen: ObservedReplica) -> Step:
        if seen.busy:
            return kept, ()
        return self._fail(kept, "its worker is not there any more", worker=False)

    def _fail(self, kept: KeptReplica, why: str, *, worker: bool, hopeless: bool = False) -> Step:
        stable = kept.state == "running" and self._now >= kept.since + self._rules.stable_s
        restarts = 1 if stable else kept.restarts + 1
        pause = None if hopeless else self._rules.backoff(restarts)
        failed, moves = self._move(kept, "failed", why, pause, restarts=restarts)
        ends = (Stop(kept.id, 0.0),) if worker else ()
        return failed, (Withdraw(kept.id), *moves, *ends)

    def _stop(self, kept: KeptReplica, why: str) -> Step:
        grace = self._rules.stop_grace_s
        stopped, moves = self._move(kept, "stopped", why, grace + self._rules.quiet_s)
        return stopped, (*moves, Stop(kept.id, grace))

    def _move(
        self,
        kept: KeptReplica,
        state: ReplicaState,
        why: str,
        within_s: float | None = None,
        *,
        restarts: int | None = None,
    ) -> tuple[KeptReplica, tuple[Action, ...]]:
        moved = replace(
            kept,
            state=state,
            why=why,
            since=kept.since if state == kept.state else self._now,
            deadline=None if within_s is None else self._now + within_s,
            restarts=kept.restarts if restarts is None else restarts,
        )
        return moved, (Keep(moved),)

    def _late(self, kept: KeptReplica) -> bool:
        return kept.deadline is not None and self._now >= kept.deadline


def _said(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
