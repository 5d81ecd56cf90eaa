"""One unit of work on an SQLAlchemy connection, with a deadline, and errors that say what to do."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import NoReturn

from sqlalchemy import CursorResult, Executable, RowMapping
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tulou.kernel.errors import DeadlineError, InvalidError
from tulou.ports.database import Parameters

HELD_S = 30.0
"""The longest a unit of work may last; what takes longer belongs in several."""

NO_VALUE = (UnicodeError, OverflowError)
"""What drivers raise for half a surrogate pair and for a number of more than 64 bits."""

Explain = Callable[[Exception], Exception]


class SqlTransaction:
    """The port's transaction; it ends with the block that began it."""

    def __init__(self, connection: AsyncConnection, explain: Explain) -> None:
        self.dialect = connection.dialect.name
        self._connection = connection
        self._explain = explain

    async def rows(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[RowMapping]:
        """Run a statement and return its rows."""
        return (await self._run(statement, parameters)).mappings().all()

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> int:
        """Run a statement and return the number of rows it touched."""
        count = (await self._run(statement, parameters)).rowcount
        many = isinstance(parameters, Sequence)
        return len(parameters) if count < 0 and many else max(count, 0)

    async def _run(self, statement: Executable, parameters: Parameters | None) -> CursorResult[tuple[object, ...]]:
        try:
            return await self._connection.execute(statement, parameters)
        except (DBAPIError, *NO_VALUE) as error:
            retell(error, self._explain)


@asynccontextmanager
async def unit_of_work(engine: AsyncEngine, explain: Explain) -> AsyncGenerator[SqlTransaction]:
    """Begin, then commit or roll back; at most `HELD_S` seconds in all."""
    hold = asyncio.timeout(HELD_S)
    callers: BaseException | None = None
    try:
        async with hold, engine.begin() as connection:
            try:
                yield SqlTransaction(connection, explain)
            except BaseException as error:
                callers = error
                raise
    except (SQLAlchemyError, OSError) as error:  # a TimeoutError is an OSError
        if hold.expired():
            raise too_long() from error
        if error is callers:
            raise
        retell(error, explain)


def too_long() -> DeadlineError:
    """Return what is raised when a unit of work outlasts `HELD_S`."""
    return DeadlineError(f"a unit of work on the database took more than {HELD_S:g} s; split it")


def no_value(error: Exception) -> InvalidError | None:
    """Return what is said of a value that the database does not take; None for any other error.

    SQLSTATE class 22 are data exceptions; drivers refuse others before they send them.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    refused = isinstance(error, DataError) or str(getattr(cause, "sqlstate", "") or "").startswith("22")
    if not refused and not isinstance(cause, NO_VALUE) and not isinstance(cause and cause.__cause__, NO_VALUE):
        return None
    return InvalidError(
        "a value cannot be stored: it is too long or out of range, or a text with NUL or half of a surrogate pair; "
        "numbers have at most 64 bits"
    )


def retell(error: Exception, explain: Explain) -> NoReturn:
    """Raise what the error means to a caller, or the error itself where it says enough."""
    told = no_value(error) or explain(error)
    if told is error:
        raise error
    raise told from error
