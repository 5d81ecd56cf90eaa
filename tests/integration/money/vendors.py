"""Vendors that answer, fail, charge for what fails, or are outrun; they keep their own account of what was used."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tulou.contracts.routing.messages import Deadlines
from tulou.kernel.clock import Clock
from tulou.services.gateway.dialects.events import Used
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.ways.count import lost
from tulou.services.gateway.usage import Usage

Units = dict[str, int]
COUNTED = ("chat", "embeddings")
"""What is estimated where nobody counted: other endpoints have no tokens of their own."""


@dataclass(frozen=True)
class Sale:
    """What one replica did for one request: `answered` says whether the client got it."""

    replica: str
    route: str
    units: Units
    batch: bool
    at: float
    answered: bool


@dataclass
class Vendors:
    """Stands where the ways to replicas do."""

    random: Random
    clock: Clock
    hedges: Callable[[str], bool] = lambda _: False
    sales: list[Sale] = field(default_factory=list[Sale])
    _hanging: bool = False

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        del lease, deadlines
        call.sent = True  # as the wire says, whose place this has
        if self._hanging:
            self._hanging = False
            return self._answer(call, backend)
        if self.hedges(call.served_by) and not call.attempts and self.random.random() < 0.5:
            await self._hang(call, backend)
        dice = self.random.random()
        if dice < 0.15:
            raise AttemptFailedError("status", "overloaded", status=503)
        if dice < 0.22:
            if call.endpoint in COUNTED:
                self._sell(call, backend, {"input": estimate(call)}, answered=False)
            raise AttemptFailedError("total_timeout", "too late")
        if dice < 0.3:
            units = {"input": self.random.randrange(1, 9_000), "output": self.random.randrange(100)}
            self._sell(call, backend, units, answered=False)
            failure = AttemptFailedError("bad_stream", "broke off")
            lost(call, backend, [Used(**units)], failure)
            raise failure
        return self._answer(call, backend)

    def _answer(self, call: Call, backend: Backend) -> Answer:
        units = units_of(self.random)
        self._sell(call, backend, units, answered=True)
        call.usage, call.counted = Usage(**units), "reported"
        return Answer(200, [], b"{}", backend)

    async def _hang(self, call: Call, backend: Backend) -> None:
        """Read the prompt and say nothing; the other one answers, and this one is left."""
        self._hanging = True
        if call.endpoint in COUNTED:
            self._sell(call, backend, {"input": estimate(call)}, answered=False)
        await asyncio.Event().wait()

    def _sell(self, call: Call, backend: Backend, units: Units, *, answered: bool) -> None:
        sale = Sale(backend.replica.id, call.served_by, units, call.batch, self.clock.now(), answered)
        self.sales.append(sale)


def estimate(call: Call) -> int:
    """Return the tokens of a prompt that nobody counted: four bytes make one."""
    return -(-len(call.body) // 4)


def units_of(random: Random) -> Units:
    """Return what an answer may have used."""
    units: Units = {"input": random.randrange(12_000), "output": random.randrange(3_000)}
    if random.random() < 0.4:
        units["cached"] = random.randrange(units["input"] + 1)
        units["cache_written"] = random.randrange(units["input"] - units["cached"] + 1)
        units["cache_written_hour"] = random.randrange(units["cache_written"] + 1)
    if random.random() < 0.2:
        units["reasoning"] = random.randrange(units["output"] + 1)
    if random.random() < 0.1:
        units |= {name: random.randrange(5) for name in ("searches", "images", "seconds", "characters")}
    if random.random() < 0.1:
        units |= {"input": 500, "audio_input": 200, "cached": 0, "cache_written": 0, "cache_written_hour": 0}
        units |= {"output": 300, "audio_output": 100, "reasoning": 0}
    return units
