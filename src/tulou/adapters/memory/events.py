"""An event bus in memory: a bounded queue a group, and what is not acknowledged comes again."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import UnavailableError
from tulou.ports.events import Delivery, Fact

CAPACITY = 10_000
PUBLISH_S = 5.0
"""How long a publisher waits for room in the queue of a slow group."""
REDELIVER_S = 30.0
"""How long a member may hold a fact before it is given to another."""

log = structlog.get_logger()


class MemoryDelivery:
    """A fact in the hands of one member of a group."""

    def __init__(self, group: "_Group", fact: Fact) -> None:
        self._group = group
        self._fact = fact

    @property
    def fact(self) -> Fact:
        """What happened."""
        return self._fact

    async def ack(self) -> None:
        """Take the fact off the group's books."""
        self._group.settle(self._fact)


class MemoryEvents:
    """The events port within one process. A group that nobody listens for keeps its newest facts only."""

    def __init__(
        self,
        *,
        clock: Clock,
        capacity: int = CAPACITY,
        publish_s: float = PUBLISH_S,
        redeliver_s: float = REDELIVER_S,
    ) -> None:
        self._clock = clock
        self._capacity = capacity
        self._publish_s = publish_s
        self._redeliver_s = redeliver_s
        self._groups: dict[str, _Group] = {}

    async def publish(self, facts: Sequence[Fact]) -> None:
        """Queue facts for every group; wait for slow ones, but not for ever."""
        for fact in facts:
            for group in list(self._groups.values()):
                if fact.topic in group.topics:
                    await self._offer(group, fact)

    async def _offer(self, group: "_Group", fact: Fact) -> None:
        try:
            async with asyncio.timeout(self._publish_s):
                await group.offer(fact)
        except TimeoutError as error:
            raise UnavailableError(
                f"group {group.name!r} has {self._capacity} facts waiting; its handlers are too slow or stuck"
            ) from error

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], *, group: str) -> AsyncGenerator[AsyncIterator[Delivery]]:
        """Join a group, which exists from its first member on."""
        joined = self._groups.get(group)
        if joined is None:
            joined = self._groups[group] = _Group(group, self._capacity, self._redeliver_s, self._clock)
        joined.topics.update(topics)
        member = joined.join()
        try:
            yield joined.deliveries(member)
        finally:
            joined.leave(member)

    async def close(self) -> None:
        """Forget all groups."""
        self._groups.clear()


class _Group:
    """Facts that wait, and facts that members hold until a time."""

    def __init__(self, name: str, capacity: int, redeliver_s: float, clock: Clock) -> None:
        self.name = name
        self.topics: set[str] = set()
        self._capacity = capacity
        self._redeliver_s = redeliver_s
        self._clock = clock
        self._waiting: deque[Fact] = deque()
        self._held: dict[str, tuple[float, Fact, object]] = {}
        self._members: set[object] = set()
        self._change = asyncio.Event()

    def join(self) -> object:
        member = object()
        self._members.add(member)
        return member

    def leave(self, member: object) -> None:
        """Give back what the member held, in the order in which it came."""
        self._members.discard(member)
        self._give_back([fact for _, fact, holder in self._held.values() if holder is member])
        self._changed()

    async def offer(self, fact: Fact) -> None:
        while self._members and self._full():
            await self._change.wait()
        if self._full() and self._waiting:
            log.warning("fact_dropped", group=self.name, topic=self._waiting.popleft().topic)
        self._waiting.append(fact)
        self._changed()

    def settle(self, fact: Fact) -> None:
        self._held.pop(fact.id, None)
        self._changed()

    async def deliveries(self, member: object) -> AsyncIterator[Delivery]:
        while True:
            yield MemoryDelivery(self, await self._take(member))

    async def _take(self, member: object) -> Fact:
        while True:
            self._expire()
            if self._waiting:
                fact = self._waiting.popleft()
                self._held[fact.id] = (self._clock.monotonic() + self._redeliver_s, fact, member)
                return fact
            await self._wait()

    async def _wait(self) -> None:
        """Wait for a change, but no longer than until the first held fact must come again."""
        ends = [until for until, _, _ in self._held.values()]
        pause = max(min(ends) - self._clock.monotonic(), 0) if ends else None
        try:
            async with asyncio.timeout(pause):
                await self._change.wait()
        except TimeoutError:
            return

    def _changed(self) -> None:
        """Wake all who wait; all of this runs in one event loop, so no lock is needed between two awaits."""
        self._change.set()
        self._change = asyncio.Event()

    def _expire(self) -> None:
        now = self._clock.monotonic()
        self._give_back([fact for until, fact, _ in self._held.values() if until <= now])

    def _give_back(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            del self._held[fact.id]
        self._waiting.extendleft(reversed(facts))

    def _full(self) -> bool:
        return len(self._waiting) + len(self._held) >= self._capacity


@asynccontextmanager
async def open_memory_events(_: str) -> AsyncGenerator[MemoryEvents]:
    """Open `memory://`."""
    events = MemoryEvents(clock=SystemClock())
    yield events
    await events.close()
