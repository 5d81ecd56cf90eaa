"""The ledger, its sums, and the price book."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

UNITS = (
    "input",
    "output",
    "cached",
    "cache_written",
    "reasoning",
    "audio_input",
    "audio_output",
    "images",
    "searches",
    "characters",
    "seconds",
)
SUMS = ("requests", "refused", "failed", *UNITS, "cost")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "metering_entries",
        sa.Column("at", sa.Float, primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("dim", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("refused_by", sa.String(200), nullable=False),
        *(sa.Column(unit, sa.Integer, nullable=False) for unit in UNITS),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("price", sa.Integer, nullable=False),
        sa.Column("rest", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("metering_entries_tenant", "metering_entries", ["tenant", "at", "id"])
    op.create_table(
        "metering_dimensions",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("principal", sa.String(128), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("served_by", sa.String(200), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("endpoint", sa.String(40), nullable=False),
        sa.Column("batch", sa.String(8), nullable=False),
    )
    op.create_index("metering_dimensions_tenant", "metering_dimensions", ["tenant"])
    op.create_index("metering_dimensions_key", "metering_dimensions", ["key"])
    for name in ("metering_minutes", "metering_hours", "metering_days", "metering_months"):
        op.create_table(
            name,
            sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("tenant", sa.String(64), primary_key=True),
            sa.Column("dim", sa.BigInteger, primary_key=True, autoincrement=False),
            *(sa.Column(total, sa.BigInteger, nullable=False) for total in SUMS),
            sqlite_with_rowid=False,
            postgresql_with={"fillfactor": 70},  # they are updated all the time: room for that on the same page
        )
    op.create_table(
        "metering_prices",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("provider", sa.String(64), primary_key=True),
        sa.Column("since", sa.Float, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ended", sa.Integer),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("metering_prices_ended", "metering_prices", ["ended"])
    op.create_table(
        "metering_book",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO metering_book (id, version) VALUES (1, 0)")
    op.create_table(
        "metering_quarantine",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("gateway", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("quarantine", "book", "prices", "months", "days", "hours", "minutes", "dimensions", "entries"):
        op.drop_table(f"metering_{name}")
