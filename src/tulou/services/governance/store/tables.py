"""The tables of the governance service, as they are now."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, MetaData, String, Table, Text, UniqueConstraint, text

METADATA = MetaData()

ROLES = Table(
    "governance_roles",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("permissions", Text, nullable=False),
    Column("house", Boolean, nullable=False),
)

POLICIES = Table(
    "governance_policies",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
)

LAWS = Table(
    "governance_laws",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""One row: a number that grows with every change of a role or a policy, in the change's own transaction."""

DENIED = text("outcome = 'denied'")

AUDIT = Table(
    "governance_audit",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(128), nullable=False),
    Column("at", Float, nullable=False),
    Column("tenant", String(128), nullable=False),
    Column("principal", String(128), nullable=False),
    Column("action", String(128), nullable=False),
    Column("resource", String(512), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("code", String(128), nullable=False),
    Column("key", String(128), nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("reason", String(512), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("id", name="governance_audit_id"),
    Index("governance_audit_tenant", "tenant", "sequence"),
    Index("governance_audit_principal", "principal", "sequence"),
    Index("governance_audit_at", "at"),
    Index("governance_audit_denied", "sequence", sqlite_where=DENIED, postgresql_where=DENIED),
)
"""Inserted into and read; only refusals are ever removed (`checkpoints.py`), and the database refuses all else."""

HEADS = Table(
    "governance_heads",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

CHECKPOINTS = Table(
    "governance_checkpoints",
    METADATA,
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("at", Float, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("proof", String(64), nullable=False),
    UniqueConstraint("last", name="governance_checkpoints_last"),
)
