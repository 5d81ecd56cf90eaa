"""Roles, policies and their version; the audit trail, its head, and what keeps its records from being changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

CHANGES = "UPDATE OR DELETE OR TRUNCATE"
REFUSAL = "the audit trail is append-only"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "governance_roles",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("permissions", sa.Text, nullable=False),
        sa.Column("house", sa.Boolean, nullable=False),
    )
    op.create_table(
        "governance_policies",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
    )
    laws = op.create_table(
        "governance_laws",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    _make_trail()
    heads = op.create_table(
        "governance_heads",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(laws, [{"name": "laws", "version": 1}])
    op.bulk_insert(heads, [{"name": "audit", "sequence": 0, "hash": "0" * 64}])
    _guard()


def downgrade() -> None:
    """Drop the tables."""
    for table in ("heads", "audit", "laws", "policies", "roles"):
        op.drop_table(f"governance_{table}")


def _make_trail() -> None:
    op.create_table(
        "governance_audit",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("tenant", sa.String(128), nullable=False),
        sa.Column("principal", sa.String(128), nullable=False),
        sa.Column("action", sa.String(128), nullable=False),
        sa.Column("resource", sa.String(512), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("id", name="governance_audit_id"),
    )
    op.create_index("governance_audit_tenant", "governance_audit", ["tenant", "sequence"])
    op.create_index("governance_audit_principal", "governance_audit", ["principal", "sequence"])
    op.create_index("governance_audit_at", "governance_audit", ["at"])


def _guard() -> None:
    """Refuse to change or remove a record: no protection from who owns the database, but from every slip."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER governance_audit_no_{verb.lower()} BEFORE {verb} ON governance_audit "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
    if dialect == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION governance_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER governance_audit_append_only BEFORE {CHANGES} ON governance_audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION governance_audit_refuse()"
        )
