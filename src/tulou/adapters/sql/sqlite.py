"""SQLite in a file: one writer that takes turns in order, several readers that never wait for it."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from tulou.adapters.sql import transaction
from tulou.adapters.sql.migrate import upgrade
from tulou.adapters.sql.writer import WriterThread, WriterTransaction
from tulou.kernel.errors import ConflictError, InvalidError, UnavailableError

T = TypeVar("T")
WAIT_S = 10.0
"""How long a unit of work waits for its turn to write: for others of this process, then for other processes."""
READERS = 4

# FULL: a commit that was acknowledged survives the loss of power, not only of the process. NORMAL may lose the last
# ones in WAL mode, and what is kept here (keys, versions, jobs) is written rarely enough to pay for the fsync.
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")

REMEDIES = {
    "disk is full": "free some space on that disk",
    "disk i/o error": "look at that disk: reading or writing failed",
    "locked": "another process held it for too long; try again",
    "busy": "another process held it for too long; try again",
    "unable to open": "check that its folder exists and may be written",
    "readonly": "check that the file and its folder may be written",
    "malformed": "the file is damaged; restore it from a backup",
    "not a database": "the file is something else; name another in [ports] database",
}


class SqliteDatabase:
    """The database port on one file; several processes may open the same file."""

    def __init__(self, file: Path, *, wait_s: float = WAIT_S) -> None:
        busy = f"busy_timeout = {wait_s * 1000:.0f}"
        self._file = file
        self._wait_s = wait_s
        writing = _engine(file, "BEGIN IMMEDIATE", pragmas=(busy, *PRAGMAS))
        reading = _engine(file, "BEGIN", pragmas=(busy, *PRAGMAS, "query_only = ON"))
        self._writer = WriterThread(writing, self._explain)
        self._readers = [WriterThread(reading, self._explain) for _ in range(READERS)]
        self._turn = asyncio.Lock()  # first come, first served; SQLite's own waiting is a lottery
        self._free: asyncio.LifoQueue[WriterThread] = asyncio.LifoQueue()  # the last used knows most pages
        for lane in self._readers:
            self._free.put_nowait(lane)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[WriterTransaction]:
        """Wait for a turn to write; the file is locked from the first statement on."""
        await self._wait("write", self._turn.acquire())
        try:
            async with self._unit_of_work(self._writer) as unit:
                yield unit
        finally:
            self._turn.release()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[WriterTransaction]:
        """Read what is committed when the first statement runs."""
        lane = await self._wait("read", self._free.get())
        try:
            async with self._unit_of_work(lane) as unit:
                yield unit
        finally:
            self._free.put_nowait(lane)

    async def migrate(self, packages: Sequence[str]) -> None:
        """Upgrade in one exclusive transaction: two processes that start together take turns."""
        await self._wait("write", self._turn.acquire())
        try:
            await self._writer.do(lambda connection: upgrade(connection, packages))
            await self._writer.do(Connection.commit)
        finally:
            self._writer.roll_back()
            self._turn.release()

    async def close(self) -> None:
        """Close the file."""
        for lane in (*self._readers, self._writer):
            await lane.close()

    @asynccontextmanager
    async def _unit_of_work(self, lane: WriterThread) -> AsyncGenerator[WriterTransaction]:
        """Commit what the block did, or undo it; the next on this lane comes after either."""
        hold = asyncio.timeout(transaction.HELD_S)
        try:
            async with hold:
                yield WriterTransaction(lane)
                await lane.do(Connection.commit)
        except TimeoutError as error:
            if not hold.expired():
                raise
            raise transaction.too_long() from error
        finally:
            lane.roll_back()

    async def _wait(self, purpose: str, turn: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._wait_s):
                return await turn
        except TimeoutError as error:
            raise UnavailableError(
                f"{self._file}: no turn to {purpose} within {self._wait_s:g} s; try again"
            ) from error

    def _explain(self, error: Exception) -> Exception:
        if isinstance(error, IntegrityError):
            return ConflictError(f"{self._file}: {error.orig}")
        said = str(error.orig) if isinstance(error, DBAPIError) else ""
        for sign, remedy in REMEDIES.items():
            if sign in said.lower():
                return UnavailableError(f"{self._file}: {said}; {remedy}")
        return error


def _engine(file: Path, begin: str, *, pragmas: Sequence[str]) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        poolclass=NullPool,
        connect_args={"check_same_thread": False},  # a lane sees to it
        hide_parameters=True,  # they may be secrets, and errors are logged
    )

    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begun)
    return engine


@asynccontextmanager
async def open_sqlite(url: str) -> AsyncGenerator[SqliteDatabase]:
    """Open `sqlite:///FILE` (relative) or `sqlite:////FILE`; the file is made if it is not there."""
    file = Path(unquote(urlsplit(url).path)[1:])
    if not file.name:
        raise InvalidError(f"{url!r} names no file; write sqlite:///FILE")
    _create(file)
    database = SqliteDatabase(file)
    try:
        yield database
    finally:
        await asyncio.shield(database.close())


def _create(file: Path) -> None:
    """Make the file readable by its owner only; SQLite gives its companions the same rights."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise UnavailableError(f"{file}: {error.strerror}; check that its folder may be written") from error
