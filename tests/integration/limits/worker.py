"""One gateway process of the drill: sends requests through the stage as fast as it can, and says which went through.

```
python -m tests.integration.limits.worker AUTHORITY_URL LIMITS_JSON
```

Writes the time of each request that was let through to standard output, at once: a kill loses one line at most.
"""

import asyncio
import os
import sys
import time
from contextlib import AsyncExitStack

import msgspec
import structlog
from prometheus_client import CollectorRegistry

from tests.integration.limits.gateways import TOKEN, Gate, Wire
from tulou.adapters.redis.allowances import open_redis_allowances
from tulou.chassis.clients import client_of
from tulou.chassis.transports import HttpTransport
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import as_house
from tulou.ports.allowances import Allowances
from tulou.services.gateway.quota.control import ControlAllowances
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.quota.refusals import LimitsAwayError, QuotaError
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.quota.settings import QuotaSettings
from tulou.testing.http import http_client

CALLERS = 8
PAUSE_S = 0.01


async def main(url: str, told: str) -> None:
    """Send until killed."""
    limits = msgspec.json.decode(told, type=tuple[Limit, ...])
    async with AsyncExitStack() as stack:
        wire = Wire(await allowances(url, stack))
        counters = QuotaCounters(CollectorRegistry())
        keeper = QuotaKeeper(wire, clock=SystemClock(), settings=QuotaSettings(), counters=counters)
        keeper.compile(LimitRules(limits))
        gate = Gate(keeper, wire)
        async with asyncio.TaskGroup() as group:
            group.create_task(keeper.run())
            group.create_task(end_with(os.getppid()))
            for _ in range(CALLERS):
                group.create_task(send(gate))


async def end_with(parent: int) -> None:
    """End when the test that started this process has."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody tells a child that its parent was killed
        await asyncio.sleep(1)
    os._exit(0)


async def allowances(url: str, stack: AsyncExitStack) -> Allowances:
    """Reach whoever counts."""
    if url.startswith("redis"):
        return await stack.enter_async_context(open_redis_allowances(url))
    http = await stack.enter_async_context(http_client())
    return ControlAllowances(client_of(Limits, HttpTransport(url, http, token=TOKEN)))


async def send(gate: Gate) -> None:
    """Send one request after the other; each is told as it is let through."""
    while True:
        try:
            await gate.use(tokens=10)
        except (QuotaError, LimitsAwayError):
            await asyncio.sleep(PAUSE_S)
            continue
        os.write(1, b"%.6f\n" % time.time())
        await asyncio.sleep(0)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with as_house("a test"):
        asyncio.run(main(sys.argv[1], sys.argv[2]))
