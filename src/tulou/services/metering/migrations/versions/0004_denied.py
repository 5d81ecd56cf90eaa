"""Entries that were denied are found by an index of their own, for they go earlier than others."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

DENIED = sa.text("refused_by <> ''")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        *("metering_entries_denied", "metering_entries", ["at"]),
        sqlite_where=DENIED,
        postgresql_where=DENIED,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("metering_entries_denied", "metering_entries")
