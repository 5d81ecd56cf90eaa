"""When an account was last spoken of: so that it goes back with a clock that was set back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the time; nobody knows it of the accounts that there are."""
    op.add_column("limits_accounts", sa.Column("seen", sa.Float, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("limits_accounts", "seen")
