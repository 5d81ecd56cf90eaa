"""An event bus on Redis Streams: a stream a topic, a consumer group a group, redelivery by XAUTOCLAIM."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import structlog

from tulou.adapters.redis.connection import connect, refusals
from tulou.adapters.redis.facts import fact_in, written
from tulou.kernel.errors import TulouError, UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.events import Delivery, Fact

if TYPE_CHECKING:
    from redis.asyncio import Redis

KEPT = 100_000
"""About how many facts a stream keeps; a group that falls further behind loses the oldest."""
REDELIVER_S = 30.0
BATCH = 64
BLOCK_MS = 1_000
PAUSE_S = 0.5
ASIDE = b":aside"
"""Behind the name of a stream: where its entries are kept that nobody can read."""
ASIDE_KEPT = 1_000
ABANDONED_MS = 24 * 3600 * 1000

log = structlog.get_logger()


class RedisDelivery:
    """An entry of a stream, pending until it is acknowledged."""

    def __init__(self, reader: "_Reader", stream: bytes, entry: bytes, fact: Fact) -> None:
        self._reader = reader
        self._stream = stream
        self._entry = entry
        self._fact = fact

    @property
    def fact(self) -> Fact:
        """What happened."""
        return self._fact

    async def ack(self) -> None:
        """XACK."""
        await self._reader.ack(self._stream, self._entry)


class RedisEvents:
    """The events port; its streams are `<prefix>:events:<topic>`."""

    def __init__(self, client: "Redis", *, prefix: str, url: str, redeliver_s: float = REDELIVER_S) -> None:
        self._client = client
        self._prefix = f"{prefix}:events:"
        self._url = url
        self._redeliver_s = redeliver_s

    async def publish(self, facts: Sequence[Fact]) -> None:
        """XADD all of them as one transaction."""
        with refusals(self._url):
            async with self._client.pipeline(transaction=True) as steps:
                for fact in facts:
                    steps.xadd(self._prefix + fact.topic, {"fact": written(fact)}, maxlen=KEPT)
                await steps.execute()

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], *, group: str) -> AsyncGenerator[AsyncIterator[Delivery]]:
        """Join a group, which Redis keeps when its last member has gone."""
        streams = [self._prefix + topic for topic in topics]
        reader = _Reader(self._client, streams, group, url=self._url, redeliver_s=self._redeliver_s)
        await reader.join()
        try:
            yield reader.deliveries()
        finally:
            with suppress(TulouError, TimeoutError):
                await reader.leave()

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose(close_connection_pool=True)


class _Reader:
    """One member of a group."""

    def __init__(self, client: "Redis", streams: Sequence[str], group: str, *, url: str, redeliver_s: float) -> None:
        self._client = client
        self._streams = streams
        self._group = group
        self._url = url
        self._redeliver_ms = round(redeliver_s * 1000)
        self._name = new_id("member")
        self._claimed_at = 0.0

    async def join(self) -> None:
        """Make the group where it is not there yet; it begins with what comes next."""
        from redis.exceptions import ResponseError

        with refusals(self._url):
            for stream in self._streams:
                try:
                    await self._client.xgroup_create(stream, self._group, id="$", mkstream=True)
                except ResponseError as error:
                    if "BUSYGROUP" not in str(error):
                        raise
                await self._forget_abandoned(stream)

    async def leave(self) -> None:
        """Mark what this member still holds as idle, so that another claims it at its next look."""
        with refusals(self._url):
            async with asyncio.timeout(PAUSE_S * 4):
                for stream in self._streams:
                    await self._let_go(stream)

    async def ack(self, stream: bytes, entry: bytes) -> None:
        """Take an entry off the group's books."""
        with refusals(self._url):
            await self._client.xack(stream, self._group, entry)

    async def deliveries(self) -> AsyncIterator[Delivery]:
        """Yield what was left by others, then what is new; outlive a server that goes away."""
        while True:
            try:
                with refusals(self._url):
                    entries = await self._abandoned() or await self._new()
            except UnavailableError as error:
                log.warning("events_interrupted", group=self._group, error=str(error))
                await asyncio.sleep(PAUSE_S)
                await self._join_again()
                continue
            for stream, entry, fields in entries:
                if (fact := fact_in(fields)) is not None:
                    yield RedisDelivery(self, stream, entry, fact)
                else:
                    await self._set_aside(stream, entry, fields)

    async def _set_aside(self, stream: bytes, entry: bytes, fields: dict[bytes, bytes]) -> None:
        """Keep an entry that is no fact where people can look at it, and go on with those behind it."""
        log.error("event_unreadable", group=self._group, stream=stream.decode(), entry=entry.decode())
        with refusals(self._url):
            async with self._client.pipeline(transaction=True) as steps:
                steps.xadd(stream + ASIDE, {**fields, "group": self._group}, maxlen=ASIDE_KEPT)
                steps.xack(stream, self._group, entry)
                await steps.execute()

    async def _join_again(self) -> None:
        """Make the group anew: a server that came back empty has lost it."""
        with suppress(UnavailableError):
            await self.join()

    async def _new(self) -> list[tuple[bytes, bytes, dict[bytes, bytes]]]:
        reply: Any = await self._client.xreadgroup(
            self._group, self._name, dict.fromkeys(self._streams, ">"), count=1, block=BLOCK_MS
        )
        return [(stream, entry, fields) for stream, entries in _pairs(reply) for entry, fields in entries]

    async def _abandoned(self) -> list[tuple[bytes, bytes, dict[bytes, bytes]]]:
        """Claim what somebody has held too long; look a few times in that span."""
        if time.monotonic() < self._claimed_at + min(self._redeliver_ms / 3000, 5.0):
            return []
        found: list[tuple[bytes, bytes, dict[bytes, bytes]]] = []
        for stream in self._streams:
            reply: Any = await self._client.xautoclaim(
                stream, self._group, self._name, min_idle_time=self._redeliver_ms, start_id="0-0", count=BATCH
            )
            found += [(stream.encode(), entry, fields) for entry, fields in reply[1] if fields]
        self._claimed_at = time.monotonic()
        return found

    async def _let_go(self, stream: str) -> None:
        pending: Any = await self._client.xpending_range(stream, self._group, "-", "+", 1000, consumername=self._name)
        held = [entry["message_id"] for entry in pending]
        if held:
            long_ago = self._redeliver_ms + ABANDONED_MS
            await self._client.xclaim(stream, self._group, self._name, 0, held, idle=long_ago, justid=True)
        else:
            await self._client.xgroup_delconsumer(stream, self._group, self._name)

    async def _forget_abandoned(self, stream: str) -> None:
        """Remove members that were killed long ago and hold nothing."""
        consumers: Any = await self._client.xinfo_consumers(stream, self._group)
        for consumer in consumers:
            if consumer["pending"] == 0 and consumer["idle"] > ABANDONED_MS:
                await self._client.xgroup_delconsumer(stream, self._group, consumer["name"])


def _pairs(reply: Any) -> list[tuple[bytes, Any]]:
    """Read both forms of an answer: pairs (RESP2), or a map whose values are lists of lists (RESP3)."""
    if not isinstance(reply, dict):
        return list(reply or [])
    return [(stream, list(chain.from_iterable(pages))) for stream, pages in cast("dict[bytes, Any]", reply).items()]


@asynccontextmanager
async def open_redis_events(url: str) -> AsyncGenerator[RedisEvents]:
    """Open `redis://HOST`; a server that is down is noticed by the first call, not here."""
    client, prefix = connect(url)
    events = RedisEvents(client, prefix=prefix, url=url)
    try:
        yield events
    finally:
        await events.close()
