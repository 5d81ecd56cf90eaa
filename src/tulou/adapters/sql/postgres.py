"""PostgreSQL by network, with the extra `postgres`: a pool with caps, and connections that are made again when lost."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tulou.adapters.sql.migrate import upgrade
from tulou.adapters.sql.transaction import SqlTransaction, retell, unit_of_work
from tulou.kernel.errors import ConflictError, InvalidError, UnavailableError

POOL = 16
WAIT_S = 10.0
CONNECT_S = 5.0
STATEMENT_S = 20.0
RECYCLE_S = 1800
MIGRATION_LOCK = 0x74756C6F75
"""The name, as a number, of the advisory lock under which tables are changed."""


class PostgresDatabase:
    """The database port on one PostgreSQL database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._readers = engine.execution_options(postgresql_readonly=True)
        self._shown = f"PostgreSQL at {engine.url.host}:{engine.url.port or 5432}/{engine.url.database}"

    def transaction(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """Begin on a connection of the pool."""
        return unit_of_work(self._engine, self._explain)

    def reading(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """Begin, forbidden to write."""
        return unit_of_work(self._readers, self._explain)

    async def migrate(self, packages: Sequence[str]) -> None:
        """Upgrade in one transaction, under a lock that all processes respect."""
        try:
            async with self._engine.begin() as connection:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                await connection.run_sync(upgrade, packages)
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            retell(error, self._explain)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()

    def _explain(self, error: Exception) -> Exception:
        if isinstance(error, IntegrityError):
            return ConflictError(f"{self._shown}: {_said(error)}")
        if isinstance(error, PoolTimeoutError):
            return UnavailableError(f"{self._shown}: all {POOL} connections were busy for {WAIT_S:.0f} s; try again")
        if isinstance(error, OSError | TimeoutError):
            return UnavailableError(f"{self._shown} cannot be reached ({error}); is it running?")
        if isinstance(error, DBAPIError):
            return self._explain_state(error)
        return error

    def _explain_state(self, error: DBAPIError) -> Exception:
        """Judge by the SQLSTATE class: 08 and 57P connection, 53 resources, 40 serialization, 28 and 3D set-up."""
        state = str(getattr(error.orig, "sqlstate", "") or "")
        if error.connection_invalidated or state.startswith(("08", "57P")) or not state:
            return UnavailableError(f"{self._shown}: the connection was lost ({_said(error)}); try again")
        if state.startswith("53"):
            return UnavailableError(f"{self._shown}: out of disk, memory or connections ({_said(error)})")
        if state.startswith("40"):
            return ConflictError(f"{self._shown}: another unit of work was in the way ({_said(error)}); try again")
        if state == "57014":
            return UnavailableError(f"{self._shown}: a statement took more than {STATEMENT_S:.0f} s")
        if state.startswith(("28", "3D")):
            return UnavailableError(f"{self._shown} refused us ({_said(error)}); check [ports] database")
        return error


def _said(error: DBAPIError) -> str:
    """Keep the driver's first line without the class it names."""
    return str(error.orig).split("\n", 1)[0].split(">: ", 1)[-1]


@asynccontextmanager
async def open_postgres(url: str) -> AsyncGenerator[PostgresDatabase]:
    """Open `postgresql://USER:PASSWORD@HOST:PORT/NAME?sslmode=MODE`; connections are made when they are needed."""
    given = make_url(url)
    query = {"ssl" if name == "sslmode" else name: value for name, value in given.query.items()}  # asyncpg's name
    target = given.set(drivername="postgresql+asyncpg", query=query)
    settings = {"statement_timeout": f"{STATEMENT_S * 1000:.0f}", "application_name": "tulou", "jit": "off"}
    try:
        engine = create_async_engine(
            target,
            pool_size=POOL,
            max_overflow=0,
            pool_timeout=WAIT_S,
            pool_pre_ping=True,
            pool_recycle=RECYCLE_S,
            hide_parameters=True,  # they may be secrets, and errors are logged
            connect_args={"timeout": CONNECT_S, "command_timeout": STATEMENT_S + 5, "server_settings": settings},
        )
    except ModuleNotFoundError as error:
        raise InvalidError(
            "PostgreSQL needs the extra `postgres`: `.venv/bin/pip install -e '.[postgres]'` where Tulou is installed"
        ) from error
    database = PostgresDatabase(engine)
    try:
        yield database
    finally:
        async with asyncio.timeout(CONNECT_S):
            await database.close()
