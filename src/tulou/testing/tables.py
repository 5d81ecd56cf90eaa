"""Compare the tables that a service declares with those that its migrations make."""

from collections.abc import Sequence

from sqlalchemy import MetaData, Table, text

from tulou.ports.database import Database


async def differences(database: Database, metadata: MetaData) -> Sequence[str]:
    """Return what SQLite has other than declared, in words; columns, their types, nullability and primary keys."""
    found: list[str] = []
    for table in metadata.sorted_tables:
        declared = _declared(table)
        actual = await _actual(database, table.name)
        found += [f"{table.name}.{name}: missing" for name in declared.keys() - actual.keys()]
        found += [f"{table.name}.{name}: not declared" for name in actual.keys() - declared.keys()]
        found += [
            f"{table.name}.{name}: declared {declared[name]}, is {actual[name]}"
            for name in declared.keys() & actual.keys()
            if declared[name] != actual[name]
        ]
    return sorted(found)


def _declared(table: Table) -> dict[str, tuple[str, bool, bool]]:
    return {column.name: (str(column.type), bool(column.nullable), column.primary_key) for column in table.columns}


async def _actual(database: Database, table: str) -> dict[str, tuple[str, bool, bool]]:
    async with database.reading() as tx:
        rows = await tx.rows(text("SELECT * FROM pragma_table_info(:name)"), {"name": table})
    return {row["name"]: (row["type"], not row["notnull"], bool(row["pk"])) for row in rows}
