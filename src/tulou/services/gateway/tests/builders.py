"""Calls, backends and the like for tests of single stages."""

from typing import Any

from tulou.contracts.discovery.messages import Replica
from tulou.kernel.clock import Clock
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.tests.gate import grant
from tulou.testing.clock import ManualClock


def call(**changes: Any) -> Call:
    told: dict[str, Any] = {
        "endpoint": "chat",
        "model": "tiny",
        "body": b"{}",
        "stream": False,
        "grant": grant(),
        "request_id": "r",
        "started": 0.0,
    }
    return Call(**(told | changes))


def backend(name: str = "r1", *, clock: Clock | None = None, weight: float = 1.0, in_flight: int = 0) -> Backend:
    replica = Replica(id=name, deployment="tiny", generation=1, url="http://127.0.0.1:9", weight=weight)
    made = Backend(replica, clock=clock or ManualClock())
    made.in_flight = in_flight
    return made


def backends(*names: str) -> tuple[Backend, ...]:
    return tuple(backend(name) for name in names)


class Fake:
    """A stage that does what it was told, once a call; keeps the calls."""

    def __init__(self, *outcomes: Answer | Exception) -> None:
        self.outcomes = list(outcomes)
        self.calls: list[Call] = []

    async def __call__(self, call: Call) -> Answer:
        self.calls.append(call)
        outcome = self.outcomes.pop(0) if self.outcomes else answer()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def answer(name: str = "r1") -> Answer:
    return Answer(200, [], b"{}", backend(name))


def answered_by(answer: Answer) -> str:
    """Return the id of the replica that answered."""
    assert answer.backend is not None
    return answer.backend.replica.id


class Notes:
    """Counts."""

    def __init__(self) -> None:
        self.retries = 0
        self.failovers = 0

    def retried(self, call: Call) -> None:
        del call
        self.retries += 1

    def failed_over(self, call: Call) -> None:
        del call
        self.failovers += 1
