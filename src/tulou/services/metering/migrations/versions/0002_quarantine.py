"""What was set aside can be settled."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add when and how."""
    op.add_column("metering_quarantine", sa.Column("settled_at", sa.Float))
    op.add_column("metering_quarantine", sa.Column("settlement", sa.Text))
    op.create_index("metering_quarantine_received", "metering_quarantine", ["received_at", "digest"])
    op.create_index("metering_quarantine_settled", "metering_quarantine", ["settled_at"])


def downgrade() -> None:
    """Forget it: what was settled waits again."""
    op.drop_index("metering_quarantine_settled", "metering_quarantine")
    op.drop_index("metering_quarantine_received", "metering_quarantine")
    op.drop_column("metering_quarantine", "settlement")
    op.drop_column("metering_quarantine", "settled_at")
