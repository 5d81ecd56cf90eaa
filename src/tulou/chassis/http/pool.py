"""The connections to one origin: those that are free, and how many there may be."""

import asyncio
import ssl
from collections import deque
from errno import EHOSTUNREACH, ENETUNREACH

from tulou.chassis.http.connection import Connection
from tulou.chassis.http.errors import CertificateError, ConnectError, LateError
from tulou.chassis.http.origin import Origin

UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})
"""OpenSSL's codes for a certificate that is signed by itself, or by somebody who is not among those trusted."""


class ConnectionPool:
    """Lends the connection that was used last, opens one when none is free, and never more than `at_most`."""

    def __init__(
        self, origin: Origin, loop: asyncio.AbstractEventLoop, *, at_most: int, tls: ssl.SSLContext | None
    ) -> None:
        self.origin = origin
        self._loop = loop
        self._at_most = at_most
        self._tls = tls
        self._free: list[Connection] = []
        self._open: set[Connection] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = False

    @property
    def free(self) -> int:
        """How many connections wait for work."""
        return len(self._free)

    @property
    def open(self) -> int:
        """How many connections there are, those that are just being made with them."""
        return len(self._open)

    @property
    def idle(self) -> bool:
        """Whether it holds nothing at all."""
        return not self._open and not self._waiting

    def take(self) -> Connection | None:
        """Return a free connection, if there is one."""
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
        return None

    async def connect(self, within_s: float) -> Connection:
        """Open a connection, waiting for room if need be; raise `ConnectError` or `LateError`."""
        try:
            async with asyncio.timeout(within_s):
                while len(self._open) >= self._at_most:
                    fresh = bool(self._free)  # who comes although some are free must not have a used one
                    if fresh:
                        self._free.pop(0).abort()
                    await self._turn()
                    if not fresh and (connection := self.take()) is not None:
                        return connection
                return await self._connect()
        except TimeoutError as error:
            place = self.origin.authority.decode()
            why = f"all {self.open} connections to {place} are busy" if self.open >= self._at_most else place
            raise LateError(f"the connect deadline of {within_s:g} s passed: {why}", which="connect") from error

    def give(self, connection: Connection) -> None:
        """Take back a connection that is free."""
        if self._closed:
            connection.abort()
            return
        connection.idle_since = self._loop.time()
        self._free.append(connection)
        self._wake()

    def lost(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._open.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        self._wake()

    def drop_idle(self, before: float) -> None:
        """Close the connections that have been free since before this time."""
        for connection in [one for one in self._free if one.idle_since < before]:
            connection.abort()

    def close(self) -> None:
        """Close what is free now, and what is busy as soon as it is free."""
        self._closed = True
        for connection in tuple(self._free):
            connection.abort()

    async def _turn(self) -> None:
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.done() and not turn.cancelled():
                self._wake()  # its turn had just come: it is the next one's
            raise

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def _connect(self) -> Connection:
        origin = self.origin
        connection = Connection(self, self._loop)
        self._open.add(connection)
        try:
            await self._loop.create_connection(
                lambda: connection, origin.host, origin.port, ssl=self._tls, server_hostname=self._tls and origin.host
            )
        except BaseException as error:
            connection.abort()
            self.lost(connection)  # whether or not the loop says so too: uvloop does not, asyncio does
            if isinstance(error, OSError):
                raise _connect_error(origin, error) from error
            raise
        return connection


def _connect_error(origin: Origin, error: OSError) -> ConnectError:
    place = origin.authority.decode()
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = "; SSL_CERT_FILE names the authorities that are" if error.verify_code in UNKNOWN_AUTHORITY else ""
        why = error.verify_message.rstrip(".")
        return CertificateError(f"the certificate of {place} is not trusted: {why}{hint}")
    if isinstance(error, ssl.SSLError):
        return ConnectError(f"no TLS with {place}: {error}", gone=False)
    gone = isinstance(error, ConnectionRefusedError) or error.errno in {EHOSTUNREACH, ENETUNREACH}
    return ConnectError(f"cannot connect to {place}: {error}", gone=gone)
