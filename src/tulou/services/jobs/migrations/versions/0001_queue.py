"""Jobs and their recorded steps."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs_jobs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("started_at", sa.Float),
        sa.Column("finished_at", sa.Float),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("cancelling", sa.Boolean, nullable=False),
        sa.Column("runner", sa.String(128), nullable=False),
        sa.Column("lease", sa.String(64), nullable=False),
        sa.Column("lease_s", sa.Float, nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
        sa.Column("deadline_at", sa.Float, nullable=False),
        sa.Column("active_key", sa.String(255)),
        sa.UniqueConstraint("active_key", name="jobs_jobs_active_key"),
    )
    op.create_index("jobs_jobs_due", "jobs_jobs", ["state", "due_at"])
    op.create_index("jobs_jobs_finished", "jobs_jobs", ["state", "finished_at"])
    op.create_table(
        "jobs_steps",
        sa.Column("job", sa.String(64), primary_key=True),
        sa.Column("step", sa.String(200), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("jobs_steps")
    op.drop_table("jobs_jobs")
