"""The tables of the ledger, its sums, prices and quarantine."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, text

from tulou.services.metering.domain.entries import TEXT_CAPS
from tulou.services.metering.domain.spans import Grain
from tulou.services.metering.domain.sums import DIMENSIONS, SUMS, UNITS

METADATA = MetaData()

DENIED = text("refused_by <> ''")

ENTRIES = Table(
    "metering_entries",
    METADATA,
    Column("at", Float, primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("dim", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("refused_by", String(200), nullable=False),
    *(Column(unit, Integer, nullable=False) for unit in UNITS),
    Column("cost", BigInteger, nullable=False),
    Column("price", Integer, nullable=False),
    Column("rest", Text, nullable=False),
    Index("metering_entries_tenant", "tenant", "at", "id"),
    Index("metering_entries_denied", "at", sqlite_where=DENIED, postgresql_where=DENIED),
    sqlite_with_rowid=False,
)
"""`rest` is the JSON of what nothing is summed or found by."""

NUMBERS = Table(
    "metering_dimensions",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *(Column(name, String(TEXT_CAPS.get(name, 8)), nullable=False) for name in DIMENSIONS),
    Index("metering_dimensions_tenant", "tenant"),
    Index("metering_dimensions_key", "key"),
)


def _roll_up(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("start", BigInteger, primary_key=True, autoincrement=False),
        Column("tenant", String(64), primary_key=True),
        Column("dim", BigInteger, primary_key=True, autoincrement=False),
        *(Column(total, BigInteger, nullable=False) for total in SUMS),
        sqlite_with_rowid=False,
    )


ROLLUPS: Mapping[Grain, Table] = {
    "minute": _roll_up("metering_minutes"),
    "hour": _roll_up("metering_hours"),
    "day": _roll_up("metering_days"),
    "month": _roll_up("metering_months"),
}

PRICES = Table(
    "metering_prices",
    METADATA,
    Column("model", String(200), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("since", Float, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("ended", Integer),
    Column("body", Text, nullable=False),
    Index("metering_prices_ended", "ended"),
)
"""A price holds in the versions of the book from `version` on, before `ended`; nothing is ever taken back."""

BOOK = Table(
    "metering_book",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

QUARANTINE = Table(
    "metering_quarantine",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("received_at", Float, nullable=False),
    Column("gateway", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("settled_at", Float),
    Column("settlement", Text),
    Index("metering_quarantine_received", "received_at", "digest"),
    Index("metering_quarantine_settled", "settled_at"),
)
"""What is settled stays: so it is neither set aside nor counted when it is shipped once more. `settlement` is JSON."""
