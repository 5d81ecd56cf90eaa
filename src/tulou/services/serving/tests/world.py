"""A small world for the rules: workers that take a while to start, announce themselves, crash and fall silent."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import assert_never

from tulou.services.serving.domain.actions import (
    Action,
    Create,
    Drain,
    ForgetReplica,
    Keep,
    Launch,
    Remove,
    Renew,
    Stop,
    Withdraw,
)
from tulou.services.serving.domain.reconcile import ReconcilePlan, reconcile
from tulou.services.serving.domain.values import (
    KeptReplica,
    LiveSeen,
    Observed,
    ObservedReplica,
    ReconcileRules,
    WantedDeployment,
    WorkerSeen,
)

TICK_S = 0.1
START_S = 0.8
REQUEST_S = 0.7
HOPELESS_EXIT = 65
RULES = ReconcileRules(surge=1, backoff_max_s=2.0, stable_s=5.0, hopeless=frozenset({HOPELESS_EXIT}))


@dataclass
class Worker:
    started: float
    exit_code: int | None = None
    ends_at: float | None = None
    silent: bool = False
    bad: bool = False
    requests: list[float] = field(default_factory=list[float])

    def runs(self) -> bool:
        return self.exit_code is None

    def serves(self, now: float) -> bool:
        return self.runs() and not self.bad and now >= self.started + START_S


class World:
    """One deployment at a time, `wanted`; `lost` counts requests whose worker ended under them."""

    def __init__(self, wanted: WantedDeployment, *, memory: int = 1 << 40) -> None:
        self.wanted: WantedDeployment | None = wanted
        self.now = 1000.0
        self.memory = memory
        self.kept: dict[str, KeptReplica] = {}
        self.workers: dict[str, Worker] = {}
        self.draining: set[str] = set()
        self.withdrawn: set[str] = set()
        self.lost = 0
        self.bad_generations: set[int] = set()
        self.listening_since = self.now
        self.last: ReconcilePlan | None = None
        self._ids = count(1)

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.now = round(self.now + TICK_S, 3)
            self._live()
            self._plan()

    def serving(self) -> list[str]:
        """Replicas that a gateway would call now."""
        return [name for name in self.kept if self._announces(name) and name not in self.draining]

    def running(self) -> list[KeptReplica]:
        return [kept for kept in self.kept.values() if kept.state == "running"]

    def state(self) -> str:
        assert self.last
        return next(iter(self.last.verdicts.values()))[0]

    def crash(self, name: str, code: int = -9) -> None:
        worker = self.workers.get(name)
        if worker and worker.runs():
            worker.exit_code = code

    def _announces(self, name: str) -> bool:
        worker = self.workers.get(name)
        return bool(worker and worker.serves(self.now) and not worker.silent and name not in self.withdrawn)

    def _live(self) -> None:
        for worker in self.workers.values():
            worker.requests = [until for until in worker.requests if until > self.now]
            if worker.runs() and worker.ends_at is not None and self.now >= worker.ends_at:
                self.lost += len(worker.requests)
                worker.exit_code = 0
            if worker.runs() and worker.bad and self.now >= worker.started + START_S:
                worker.exit_code = HOPELESS_EXIT
        for name in self.serving():
            self.workers[name].requests.append(self.now + REQUEST_S)

    def _plan(self) -> None:
        wanted = [self.wanted] if self.wanted else []
        self.last = reconcile(wanted, list(self.kept.values()), self._observed(), rules=RULES, now=self.now)
        self._apply(self.last.actions)

    def _observed(self) -> Observed:
        return Observed(
            replicas={name: self._seen(name) for name in self.workers},
            memory=self.memory,
            since=self.listening_since,
        )

    def _seen(self, name: str) -> ObservedReplica:
        worker = self.workers[name]
        live = LiveSeen(draining=name in self.draining, in_flight=len(worker.requests), seen_at=self.now)
        return ObservedReplica(
            worker=WorkerSeen(exit_code=worker.exit_code), live=live if self._announces(name) else None
        )

    def _apply(self, actions: Sequence[Action]) -> None:  # noqa: C901 - one case for each action
        for action in actions:
            match action:
                case Create():
                    self._create(action)
                case Renew():
                    old = self.kept.pop(action.replica)
                    self._keep_new(old.generation, old.slot, old.restarts)
                case Keep():
                    assert action.replica.id in self.kept
                    self.kept[action.replica.id] = action.replica
                case Launch():
                    self._launch(action.replica)
                case Drain():
                    self.draining.add(action.replica)
                case Withdraw():
                    self.withdrawn.add(action.replica)
                case Stop():
                    worker = self.workers[action.replica]
                    worker.ends_at = worker.ends_at or self.now + TICK_S
                case ForgetReplica():
                    self.kept.pop(action.replica, None)
                case Remove():
                    assert not self.kept
                    self.wanted = None
                case _:
                    assert_never(action)

    def _create(self, action: Create) -> None:
        assert self.wanted
        self._keep_new(action.generation, action.slot, 0)
        assert len(self.kept) <= self.wanted.replicas + RULES.surge, "never more than the surge"

    def _keep_new(self, generation: int, slot: int, restarts: int) -> None:
        name = f"rep_{next(self._ids):04}"
        self.kept[name] = KeptReplica(
            id=name,
            deployment="demo",
            generation=generation,
            version=1,
            engine="llamacpp",
            state="pending",
            why="",
            since=self.now,
            slot=slot,
            restarts=restarts,
        )

    def _launch(self, name: str) -> None:
        if name not in self.workers:
            bad = self.kept[name].generation in self.bad_generations
            self.workers[name] = Worker(started=self.now, bad=bad)


def deployment(replicas: int = 2, **changes: bool | float) -> WantedDeployment:
    wanted = WantedDeployment(name="demo", generation=1, replicas=replicas, start_deadline_s=5.0, drain_deadline_s=5.0)
    return replace(wanted, **changes)  # pyright: ignore[reportArgumentType] - the tests name fields


def settled(wanted: WantedDeployment, **more: int) -> World:
    """Return a world in which all that is wanted runs."""
    world = World(wanted, **more)
    world.tick(40)
    assert world.state() == "ready"
    return world
