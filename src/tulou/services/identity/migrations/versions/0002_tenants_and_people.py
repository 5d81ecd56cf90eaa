"""Tenants, projects, principals with their roles, sessions; each known owner of a key becomes a principal."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Known = dict[tuple[str, str], tuple[str, float]]


def upgrade() -> None:
    """Make the tables, and put into them what the keys tell."""
    _make_tables()
    op.add_column("identity_keys", sa.Column("project", sa.String(64)))
    op.add_column("identity_keys", sa.Column("session", sa.String(64)))
    op.create_index("identity_keys_owner", "identity_keys", ["tenant", "principal"])
    op.create_index("identity_keys_session", "identity_keys", ["session"])
    op.execute(sa.text("UPDATE identity_keys SET project = 'default'"))
    _fill(_known())


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("identity_keys_owner", "identity_keys")
    op.drop_index("identity_keys_session", "identity_keys")
    op.drop_column("identity_keys", "project")
    op.drop_column("identity_keys", "session")
    names = ("sessions", "recovery", "bindings", "principals", "projects", "tenants")
    for table in (f"identity_{name}" for name in names):
        op.drop_table(table)


def _make_tables() -> None:
    op.create_table(
        "identity_tenants",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("suspended", sa.String(200), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "identity_projects",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "identity_principals",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("suspended", sa.String(200), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float),
        sa.Column("issuer", sa.String(255)),
        sa.Column("subject", sa.String(255)),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("factor", sa.Text, nullable=False),
        sa.Column("factor_begun", sa.Text, nullable=False),
        sa.Column("factor_step", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("email", name="identity_principals_email"),
        sa.UniqueConstraint("issuer", "subject", name="identity_principals_subject"),
    )
    op.create_table(
        "identity_bindings",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("principal", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(64), primary_key=True),
        sa.Column("project", sa.String(64), primary_key=True),
    )
    op.create_table(
        "identity_recovery",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("principal", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
    )
    op.create_table(
        "identity_sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("principal", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("by", sa.String(16), nullable=False),
        sa.UniqueConstraint("digest", name="identity_sessions_digest"),
    )
    op.create_index("identity_sessions_owner", "identity_sessions", ["tenant", "principal"])
    op.create_index("identity_sessions_expiry", "identity_sessions", ["expires_at"])


def _known() -> Known:
    """Return each owner of a key with the role that its keys' scopes amount to, and since when it is known."""
    keys = op.get_bind().execute(sa.text("SELECT tenant, principal, scopes, created_at FROM identity_keys"))
    known: Known = {}
    for tenant, principal, scopes, created_at in keys:
        role, since = known.get((tenant, principal), ("developer", created_at))
        known[tenant, principal] = ("operator" if '"admin"' in scopes else role, min(since, created_at))
    return known


def _fill(known: Known) -> None:
    now = time.time()
    tenants = sorted({"default", *(tenant for tenant, _ in known)})
    _insert("identity_tenants", [{"name": name, "title": "", "suspended": "", "created_at": now} for name in tenants])
    projects = [{"tenant": tenant, "name": "default", "title": "", "created_at": now} for tenant in tenants]
    _insert("identity_projects", projects)
    blank = {"kind": "service", "title": "", "attributes": "{}", "suspended": "", "password": ""}
    blank |= {"factor": "", "factor_begun": "", "factor_step": 0}
    _insert(
        "identity_principals",
        [
            {"tenant": tenant, "name": name, "created_at": since, **blank}
            for (tenant, name), (_, since) in known.items()
        ],
    )
    _insert(
        "identity_bindings",
        [
            {"tenant": tenant, "principal": name, "role": role, "project": ""}
            for (tenant, name), (role, _) in known.items()
        ],
    )


def _insert(table: str, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in rows[0]]
        op.bulk_insert(sa.table(table, *columns), [dict(row) for row in rows])
