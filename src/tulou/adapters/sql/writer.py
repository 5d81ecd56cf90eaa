"""One SQLite connection and the one thread that uses it.

A statement is a single trip to that thread, which begins the transaction on the way: aiosqlite under SQLAlchemy makes
about four trips a statement, and two more to begin and end, each as dear as the statement itself.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine, Executable, RowMapping
from sqlalchemy.exc import SQLAlchemyError

from tulou.adapters.sql.transaction import NO_VALUE, Explain, retell
from tulou.ports.database import Parameters

T = TypeVar("T")


class WriterThread:
    """Work is done in the order in which it comes, also what was cancelled while it ran."""

    def __init__(self, engine: Engine, explain: Explain) -> None:
        self._engine = engine
        self._explain = explain
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._connection: Connection | None = None

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Work in the thread and wait for the result."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(self._connected()))
        except (SQLAlchemyError, *NO_VALUE) as error:
            retell(error, self._explain)

    def roll_back(self) -> None:
        """Undo what is not committed once the work before is done; nobody needs to wait for it."""
        self._thread.submit(self._roll_back)

    async def close(self) -> None:
        """Close the connection and end the thread."""
        self._thread.submit(self._close)
        await asyncio.to_thread(self._thread.shutdown)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _roll_back(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.rollback()
        except SQLAlchemyError:  # the connection is of no more use: take a new one next time
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class WriterTransaction:
    """The port's transaction on a lane; SQLAlchemy begins it with the first statement."""

    dialect = "sqlite"

    def __init__(self, lane: WriterThread) -> None:
        self._lane = lane

    async def rows(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[RowMapping]:
        """Run a statement and return its rows."""
        return await self._lane.do(lambda connection: connection.execute(statement, parameters).mappings().all())

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> int:
        """Run a statement and return the number of rows it touched."""
        return max(await self._lane.do(lambda connection: connection.execute(statement, parameters).rowcount), 0)
