"""Sealed credentials that were deleted and may come back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "upstreams_deleted_credentials",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("upstream", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("hint", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("deleted_at", sa.Float, nullable=False),
    )
    op.create_index("upstreams_deleted_credentials_at", "upstreams_deleted_credentials", ["deleted_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("upstreams_deleted_credentials")
