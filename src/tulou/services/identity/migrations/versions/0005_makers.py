"""A key knows the keys of its principal that it was made with: their limits bind it, too."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column: of keys that there are already, nobody knows."""
    op.add_column("identity_keys", sa.Column("makers", sa.Text))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("identity_keys", "makers")
