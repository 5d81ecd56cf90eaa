"""Limits, and what is used of them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "limits_limits",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("amount", sa.Float, nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        sa.Column("edge", sa.String(16), nullable=False),
        sa.Column("away", sa.String(16), nullable=False),
        sa.Column("warn_at", sa.Text, nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
    )
    op.create_table(
        "limits_accounts",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("subject", sa.String(200), primary_key=True),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("held", sa.Text, nullable=False),
    )
    op.create_table(
        "limits_gateways",
        sa.Column("gateway", sa.String(64), primary_key=True),
        sa.Column("told", sa.String(64), nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "limits_warnings",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("subject", sa.String(200), primary_key=True),
        sa.Column("period", sa.Float, primary_key=True),
        sa.Column("share", sa.Float, primary_key=True),
    )
    op.create_table(
        "limits_authority",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("alive_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("limits_authority", "limits_warnings", "limits_gateways", "limits_accounts", "limits_limits"):
        op.drop_table(name)
