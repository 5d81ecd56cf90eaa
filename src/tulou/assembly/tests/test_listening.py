"""A service hears of every fact from a moment on that it is told."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tulou.adapters.memory.events import MemoryEvents
from tulou.assembly import listening
from tulou.assembly.listening import listen
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import CONTEXT, NOBODY, Actor, AnonymousActor, HouseActor, KeyActor, acting
from tulou.kernel.errors import UnavailableError
from tulou.ports.events import Delivery, Fact
from tulou.testing.eventually import eventually
from tulou.testing.missing import missing

ANA = KeyActor(tenant="north", principal="ana", id="key_1")


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
        await events.publish([Fact(id="one", topic="a.happened", at=0.0, actor=ANA)])
        assert await heard.get() == "one"
    task.cancel()


async def test_a_fact_at_which_its_handler_always_fails_is_set_aside_and_holds_up_no_other() -> None:
    events = MemoryEvents(clock=SystemClock(), redeliver_s=0.01)
    tried, heard = 0, asyncio.Event()

    async def handle(fact: Fact) -> None:
        nonlocal tried
        if fact.id == "bad":
            tried += 1
            raise KeyError(fact.body)
        heard.set()

    begun = asyncio.Event()
    task = asyncio.create_task(listen(events, "routing", {"a.happened": handle}, begun.set))
    async with asyncio.timeout(10):
        await begun.wait()
        await events.publish([Fact(id=name, topic="a.happened", at=0.0, actor=ANA) for name in ("bad", "good")])
        await heard.wait()
        await eventually(lambda: tried == listening.TRIES)
        heard.clear()
        await events.publish([Fact(id="good again", topic="a.happened", at=0.0, actor=ANA)])
        await heard.wait()
    assert tried == listening.TRIES
    task.cancel()


async def test_a_fact_for_which_something_is_away_comes_again_for_as_long_as_that_takes() -> None:
    events = MemoryEvents(clock=SystemClock(), redeliver_s=0.001)
    tried, heard, begun = 0, asyncio.Event(), asyncio.Event()

    async def handle(fact: Fact) -> None:
        nonlocal tried
        tried += 1
        if tried <= 2 * listening.TRIES:
            raise UnavailableError(f"the database is away for {fact.id}")
        heard.set()

    task = asyncio.create_task(listen(events, "routing", {"a.happened": handle}, begun.set))
    async with asyncio.timeout(30):
        await begun.wait()
        await events.publish([Fact(id="one", topic="a.happened", at=0.0, actor=ANA)])
        await heard.wait()
    task.cancel()


async def test_a_fact_is_handled_by_the_house_in_the_name_of_who_caused_it() -> None:
    events, heard = MemoryEvents(clock=SystemClock()), asyncio.Queue[Actor]()
    begun = asyncio.Event()

    async def handle(_: Fact) -> None:
        heard.put_nowait(CONTEXT.get().actor)

    with acting(NOBODY):
        task = asyncio.create_task(listen(events, "routing", {"a.happened": handle}, begun.set))
    async with asyncio.timeout(30):
        await begun.wait()
        await events.publish([Fact(id="one", topic="a.happened", at=0.0, actor=ANA)])
        assert await heard.get() == HouseActor(reason="routing hears a.happened", asked_by=ANA)
    task.cancel()


async def test_a_fact_that_nobody_caused_is_refused_and_counts_as_one_that_never_came() -> None:
    events, begun, heard = MemoryEvents(clock=SystemClock()), asyncio.Queue[None](), asyncio.Queue[str]()

    async def handle(fact: Fact) -> None:
        heard.put_nowait(fact.id)

    before = missing("delivery")
    task = asyncio.create_task(listen(events, "routing", {"a.happened": handle}, lambda: begun.put_nowait(None)))
    async with asyncio.timeout(30):
        await begun.get()
        actors = [None, AnonymousActor(), ANA]
        facts = [Fact(id=str(number), topic="a.happened", at=0.0, actor=who) for number, who in enumerate(actors)]
        await events.publish(facts)
        assert await heard.get() == "2"
        assert begun.qsize() == 2
    task.cancel()
    assert missing("delivery") == before + 2
