"""Who caused a fact; those that wait were written by way of the house, since no version said for whom."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

HOUSE = '{"type":"house","reason":"written before actors were stated"}'
"""For good as it was on the day of this revision, whatever actors look like later."""


def upgrade() -> None:
    """Add the column; a fact that comes later without an actor is nobody's."""
    op.add_column("outbox_facts", sa.Column("actor", sa.Text, nullable=False, server_default=""))
    facts = sa.table("outbox_facts", sa.column("actor", sa.Text))
    op.execute(facts.update().values(actor=HOUSE))


def downgrade() -> None:
    """Drop it again."""
    op.drop_column("outbox_facts", "actor")
