"""A relational database, spoken to in SQLAlchemy's expression language (which itself does no I/O)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy import Executable, RowMapping

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Transaction(Protocol):
    """One unit of work: all of it is kept, or nothing."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`: whose SQL it speaks where these differ."""
        ...

    async def rows(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[RowMapping]:
        """Run a statement and return its rows, all of them: bound what you select."""
        ...

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> int:
        """Run a statement and return the number of rows it touched; raise `ConflictError` on a broken constraint."""
        ...


class Database(Protocol):
    """Where services keep their tables."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a unit of work that may write: committed when the block ends, rolled back when it raises."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a unit of work that only reads, and so never waits for the writer."""
        ...

    async def migrate(self, packages: Sequence[str]) -> None:
        """Bring the tables of these services up to date; `packages` are dotted names of their `migrations` packages."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
