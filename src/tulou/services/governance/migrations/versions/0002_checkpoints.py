"""Refusals may be removed, if a checkpoint stands in their place; nothing else of the trail may."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

REFUSAL = "the audit trail is append-only"
KEPT = (
    "OLD.outcome <> 'denied' OR NOT EXISTS (SELECT 1 FROM governance_checkpoints c "
    "WHERE c.first <= OLD.sequence AND c.last >= OLD.sequence)"
)
DENIED = sa.text("outcome = 'denied'")


def upgrade() -> None:
    """Make the table, find refusals by an index of their own, and let them alone be removed."""
    op.create_table(
        "governance_checkpoints",
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("proof", sa.String(64), nullable=False),
        sa.UniqueConstraint("last", name="governance_checkpoints_last"),
    )
    op.create_index(
        *("governance_audit_denied", "governance_audit", ["sequence"]),
        sqlite_where=DENIED,
        postgresql_where=DENIED,
    )
    _guard(f"WHEN {KEPT}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION governance_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {KEPT} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN OLD; END $$"
        )
        _refuse("UPDATE OR TRUNCATE")
        op.execute(
            "CREATE TRIGGER governance_audit_only_refusals BEFORE DELETE ON governance_audit "
            "FOR EACH ROW EXECUTE FUNCTION governance_audit_keep()"
        )


def downgrade() -> None:
    """Let nothing be removed again; without checkpoints a trail that lacks refusals does not verify."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER governance_audit_only_refusals ON governance_audit")
        _refuse("UPDATE OR DELETE OR TRUNCATE")
    _guard("")
    op.drop_index("governance_audit_denied", "governance_audit")
    op.drop_table("governance_checkpoints")


def _guard(condition: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER governance_audit_no_delete")
        op.execute(
            f"CREATE TRIGGER governance_audit_no_delete BEFORE DELETE ON governance_audit {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _refuse(verbs: str) -> None:
    op.execute("DROP TRIGGER governance_audit_append_only ON governance_audit")
    op.execute(
        f"CREATE TRIGGER governance_audit_append_only BEFORE {verbs} ON governance_audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION governance_audit_refuse()"
    )
