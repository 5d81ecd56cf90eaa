"""Which model answered, what no price fits, and what is written to a cache for an hour."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROLLUPS = ("metering_minutes", "metering_hours", "metering_days", "metering_months")
SUMS = ("cache_written_hour", "unpriced", "unpriced_tokens", "priced_by_name")


def upgrade() -> None:
    """Add what was not counted before as none; entries and sums that are there keep what they cost."""
    op.add_column("metering_entries", _counter("cache_written_hour", sa.Integer()))
    op.add_column("metering_dimensions", sa.Column("upstream_model", sa.String(200), nullable=False, server_default=""))
    for table in ROLLUPS:
        for name in SUMS:
            op.add_column(table, _counter(name, sa.BigInteger()))


def downgrade() -> None:
    """Forget it; what it cost stays."""
    for table in ROLLUPS:
        for name in SUMS:
            op.drop_column(table, name)
    op.drop_column("metering_dimensions", "upstream_model")
    op.drop_column("metering_entries", "cache_written_hour")


def _counter(name: str, kind: sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False, server_default="0")
