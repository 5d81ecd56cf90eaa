"""Keys that are disabled or went with their owner; principals that may come back, and those who may not."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("identity_keys", sa.Column("disabled", sa.String(200)))
    op.add_column("identity_keys", sa.Column("gone_with", sa.String(64)))
    op.create_index("identity_keys_gone_with", "identity_keys", ["gone_with"])
    op.create_table(
        "identity_deleted",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("deleted_at", sa.Float, nullable=False),
        sa.Column("deleted_by", sa.String(200), nullable=False),
    )
    op.create_index("identity_deleted_name", "identity_deleted", ["tenant", "name"])
    op.create_index("identity_deleted_at", "identity_deleted", ["deleted_at"])
    op.create_table(
        "identity_erased",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("erased_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop them; what was disabled stays out: an older version would let it in."""
    op.execute(
        sa.text("UPDATE identity_keys SET revoked_at = created_at WHERE disabled IS NOT NULL AND revoked_at IS NULL")
    )
    op.drop_table("identity_erased")
    op.drop_table("identity_deleted")
    op.drop_index("identity_keys_gone_with", "identity_keys")
    op.drop_column("identity_keys", "gone_with")
    op.drop_column("identity_keys", "disabled")
