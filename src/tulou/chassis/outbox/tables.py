"""The two tables of the outbox: facts that wait for the bus, and who may hand them over."""

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, Text

METADATA = MetaData()

FACTS = Table(
    "outbox_facts",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False),
    Column("topic", String(200), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
    Column("actor", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,  # or SQLite would give a number of a pruned fact to a new one
)

RELAYS = Table(
    "outbox_relays",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Float, nullable=False),
)
