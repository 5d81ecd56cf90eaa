"""How large responses are, and what those of each project take together."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Count what is kept already."""
    op.add_column("responses_responses", sa.Column("size", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "responses_projects",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    op.execute("UPDATE responses_responses SET size = length(body) + length(input) + length(request)")
    op.execute(
        "INSERT INTO responses_projects (tenant, project, bytes) "
        "SELECT tenant, project, sum(size) FROM responses_responses GROUP BY tenant, project"
    )


def downgrade() -> None:
    """Forget the sizes."""
    op.drop_table("responses_projects")
    op.drop_column("responses_responses", "size")
