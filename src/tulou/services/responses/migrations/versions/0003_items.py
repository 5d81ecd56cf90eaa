"""Which answer holds which item, so that requests can name items instead of repeating them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table; items of answers that are kept already cannot be named."""
    op.create_table(
        "responses_items",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("response", sa.String(128), nullable=False),
    )
    op.create_index("responses_items_response", "responses_items", ["response"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("responses_items")
