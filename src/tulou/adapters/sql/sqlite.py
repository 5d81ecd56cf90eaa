"""SQLite in a file: one writer that takes turns in order, several readers that never wait for it."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tulou.adapters.sql.migrate import upgrade
from tulou.adapters.sql.transaction import SqlTransaction, retell, unit_of_work
from tulou.kernel.errors import ConflictError, InvalidError, UnavailableError

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

    dialect = "sqlite"

    def __init__(self, file: Path, *, wait_s: float = WAIT_S) -> None:
        busy = f"busy_timeout = {wait_s * 1000:.0f}"
        self._file = file
        self._wait_s = wait_s
        self._writer = _engine(file, "BEGIN IMMEDIATE", size=1, pragmas=(busy, *PRAGMAS))
        self._readers = _engine(file, "BEGIN", size=READERS, pragmas=(busy, *PRAGMAS, "query_only = ON"))
        self._turn = asyncio.Lock()  # first come, first served; SQLite's own waiting is a lottery

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[SqlTransaction]:
        """Wait for a turn to write, then begin."""
        async with self._turns(), unit_of_work(self._writer, self._explain) as unit:
            yield unit

    def reading(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """Begin on a snapshot of what is committed."""
        return unit_of_work(self._readers, self._explain)

    async def migrate(self, packages: Sequence[str]) -> None:
        """Upgrade in one exclusive transaction: two processes that start together take turns."""
        try:
            async with self._turns(), self._writer.begin() as connection:
                await connection.run_sync(upgrade, packages)
        except SQLAlchemyError as error:
            retell(error, self._explain)

    async def close(self) -> None:
        """Close the file."""
        await self._readers.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def _turns(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turn.acquire()
        except TimeoutError as error:
            raise UnavailableError(f"{self._file}: no turn to write within {self._wait_s:g} s; try again") from error
        try:
            yield
        finally:
            self._turn.release()

    def _explain(self, error: Exception) -> Exception:
        if isinstance(error, IntegrityError):
            return ConflictError(f"{self._file}: {error.orig}")
        if isinstance(error, PoolTimeoutError):
            return UnavailableError(f"{self._file}: all {READERS} readers were busy for {WAIT_S:.0f} s; try again")
        said = str(error.orig) if isinstance(error, DBAPIError) else ""
        for sign, remedy in REMEDIES.items():
            if sign in said.lower():
                return UnavailableError(f"{self._file}: {said}; {remedy}")
        return error


def _engine(file: Path, begin: str, *, size: int, pragmas: Sequence[str]) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),
        pool_size=size,
        max_overflow=0,
        pool_timeout=WAIT_S,
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

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begun)
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
        await database.close()


def _create(file: Path) -> None:
    """Make the file readable by its owner only; SQLite gives its companions the same rights."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise UnavailableError(f"{file}: {error.strerror}; check that its folder may be written") from error
