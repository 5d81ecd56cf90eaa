"""Who asked for a job; those that are not over were asked for by way of the house, since no version said by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

HOUSE = '{"type":"house","reason":"enqueued before actors were stated"}'
"""For good as it was on the day of this revision, whatever actors look like later."""


def upgrade() -> None:
    """Add the column; a row that comes later without an actor is nobody's."""
    op.add_column("jobs_jobs", sa.Column("actor", sa.Text, nullable=False, server_default=""))
    jobs = sa.table("jobs_jobs", sa.column("state", sa.String), sa.column("actor", sa.Text))
    op.execute(jobs.update().where(jobs.c.state.in_(("queued", "running"))).values(actor=HOUSE))


def downgrade() -> None:
    """Drop it again."""
    op.drop_column("jobs_jobs", "actor")
