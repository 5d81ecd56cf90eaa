"""A service hears of every fact from a moment on that it is told."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tulou.adapters.memory.events import MemoryEvents
from tulou.assembly import listening
from tulou.assembly.listening import listen
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import UnavailableError
from tulou.ports.events import Delivery, Fact


class Breaking:
    """A bus that is lost once."""

    def __init__(self) -> None:
        self._events = MemoryEvents(clock=SystemClock())
        self.lose = asyncio.Event()
        self._lost = False

    async def publish(self, facts: Sequence[Fact]) -> None:
        await self._events.publish(facts)

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], *, group: str) -> AsyncGenerator[AsyncIterator[Delivery]]:
        async with self._events.subscribe(topics, group=group) as deliveries:
            yield self._until_lost() if not self._lost else deliveries

    async def _until_lost(self) -> AsyncIterator[Delivery]:
        await self.lose.wait()
        self._lost = True
        raise UnavailableError("the bus is away")
        yield  # pragma: no cover - what makes it an iterator

    async def close(self) -> None:
        await self._events.close()


async def test_a_service_is_told_whenever_it_is_listened_for_it_and_hears_all_from_then_on() -> None:
    events, begun, heard = Breaking(), asyncio.Queue[int](), asyncio.Queue[str]()
    times = 0

    def on_begun() -> None:
        nonlocal times
        begun.put_nowait(times := times + 1)

    async def handle(fact: Fact) -> None:
        heard.put_nowait(fact.id)

    task = asyncio.create_task(listen(events, "routing", {"a.happened": handle}, on_begun))
    async with asyncio.timeout(10 * listening.AGAIN_S):
        assert await begun.get() == 1
        events.lose.set()
        assert await begun.get() == 2
        await events.publish([Fact(id="one", topic="a.happened", at=0.0)])
        assert await heard.get() == "one"
    task.cancel()
