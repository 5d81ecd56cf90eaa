"""Bring what is sealed in the database to the newest master key, row by row, while the house runs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from sqlalchemy import Column, RowMapping, Table, select, tuple_, update

from tulou.chassis.vault import Vault, key_of
from tulou.kernel.errors import TulouError
from tulou.kernel.message import message
from tulou.ports.database import Database

PAGE = 200


@message
class Rewrapped:
    """How many sealed texts were looked at and got a new wrapping, and how many now need which master key.

    `lost` says of each of these keys that does not open what it has wrapped, why.
    """

    seen: int
    changed: int
    keys: Mapping[str, int]
    lost: Mapping[str, str] = field(default_factory=dict[str, str])


class Rewrapping:
    """A text that somebody changes meanwhile is left alone, for it has the newest key; a crash loses nothing."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def run(self, columns: Iterable[Column[Any]], *, only_look: bool = False) -> Rewrapped:
        """Wrap everything in these columns anew, or only count; raise what the master key does for one that is lost."""
        keys, lost, seen, changed = Counter[str](), dict[str, str](), 0, 0
        for column in columns:
            after: Sequence[Any] = ()
            while rows := await self._page(column, after):
                after = _place(column.table, rows[-1])
                for row in rows:
                    fresh = row[column.name] if only_look else await self._vault.rewrap(row[column.name])
                    if only_look and key_of(fresh) not in keys:
                        lost |= await self._why_lost(fresh)
                    changed += await self._replace(column, row, fresh)
                    keys[key_of(fresh)] += 1
                    seen += 1
        return Rewrapped(seen=seen, changed=changed, keys=dict(keys), lost=lost)

    async def _why_lost(self, sealed: str) -> Mapping[str, str]:
        """Try the master key of one text; nothing is kept."""
        try:
            await self._vault.rewrap(sealed)
        except TulouError as error:
            return {key_of(sealed): str(error)}
        return {}

    async def _page(self, column: Column[Any], after: Sequence[Any]) -> Sequence[RowMapping]:
        key = list(column.table.primary_key.columns)
        query = select(*key, column).where(column.is_not(None), column != "").order_by(*key).limit(PAGE)
        if after:
            query = query.where(tuple_(*key) > tuple_(*after))
        async with self._database.reading() as tx:
            return await tx.rows(query)

    async def _replace(self, column: Column[Any], row: RowMapping, fresh: str) -> int:
        if fresh == row[column.name]:
            return 0
        same = [one == row[one.name] for one in (*column.table.primary_key.columns, column)]
        async with self._database.transaction() as tx:
            return await tx.execute(update(column.table).where(*same).values({column.name: fresh}))


def _place(table: Table, row: RowMapping) -> Sequence[Any]:
    return [row[column.name] for column in table.primary_key.columns]
