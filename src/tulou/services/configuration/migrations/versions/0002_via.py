"""By way of what a revision was made."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; of older revisions nobody knows."""
    op.add_column("configuration_revisions", sa.Column("via", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("configuration_revisions", "via")
