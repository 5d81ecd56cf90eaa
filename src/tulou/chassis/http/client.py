"""The client of the data plane: pooled connections, deadlines, and nothing that a request does not need."""

import asyncio
import ssl
from dataclasses import dataclass

from tulou.chassis.http.connection import Connection
from tulou.chassis.http.errors import BrokenError
from tulou.chassis.http.exchange import Exchange, ExchangeDeadlines
from tulou.chassis.http.origin import Origin
from tulou.chassis.http.pool import ConnectionPool
from tulou.chassis.http.request import HttpRequest

SWEEP_S = 0.05
"""Deadlines of exchanges are looked at this often: one timer for all, where a timer each would cost 5 us a request."""

TRIM_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """Caps of a client: connections to one origin, and the seconds a free one is kept."""

    connections: int = 1024
    keep_s: float = 30.0


class Client:
    """Belongs to one event loop, and must be closed."""

    def __init__(self, limits: ClientLimits | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits or ClientLimits()
        self._loop = asyncio.get_running_loop()
        self._tls = tls
        self._pools: dict[Origin, ConnectionPool] = {}
        self._busy: set[Exchange] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._trim_at = 0.0

    async def send(self, request: HttpRequest, deadlines: ExchangeDeadlines) -> Exchange:
        """Send a request and return its exchange once the answer's head is there; the caller closes it.

        Raise `ConnectError`, `LateError` or `BrokenError`. A pooled connection that turns out dead before a byte of
        the answer is replaced by a fresh one, once.
        """
        pool = self._pools.get(request.origin) or self._open_pool(request.origin)
        if request.replayable and isinstance(request.body, bytes) and (connection := pool.take()) is not None:
            try:
                return await self._begin(connection, request, deadlines).head()
            except BrokenError as error:
                if not error.unanswered:
                    raise
        return await self._begin(await pool.connect(deadlines.connect_s), request, deadlines).head()

    async def knock(self, origin: Origin, *, within_s: float) -> None:
        """Find out whether somebody listens; raise `ConnectError` or `LateError` when not."""
        pool = self._pools.get(origin) or self._open_pool(origin)
        pool.give(await pool.connect(within_s))

    def forget(self, origin: Origin) -> None:
        """Close the free connections to an origin, the busy ones when they are done."""
        pool = self._pools.pop(origin, None)
        if pool is not None:
            pool.close()

    async def close(self) -> None:
        """End every exchange and connection."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for exchange in tuple(self._busy):
            exchange.close()
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        await asyncio.sleep(0)  # the loop closes aborted transports in its next turn

    def _begin(self, connection: Connection, request: HttpRequest, deadlines: ExchangeDeadlines) -> Exchange:
        exchange = connection.begin(request, deadlines)
        self._busy.add(exchange)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        return exchange

    def _open_pool(self, origin: Origin) -> ConnectionPool:
        tls = (self._tls or ssl.create_default_context()) if origin.tls else None
        pool = self._pools[origin] = ConnectionPool(origin, self._loop, at_most=self._limits.connections, tls=tls)
        return pool

    def _sweep(self) -> None:
        now = self._loop.time()
        for exchange in tuple(self._busy):
            if exchange.complete or exchange.error is not None:
                self._busy.discard(exchange)
            elif (error := exchange.overdue(now)) is not None:
                exchange.fail(error)
                exchange.line.abort()
        if now >= self._trim_at:
            self._trim(now)
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep) if self._busy or self._pools else None

    def _trim(self, now: float) -> None:
        self._trim_at = now + TRIM_S
        for origin, pool in tuple(self._pools.items()):
            pool.drop_idle(now - self._limits.keep_s)
            if pool.idle:
                del self._pools[origin]
