"""An e-mail address is one principal's in each tenant: who administers one tenant learns nothing of the others."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLE = "identity_principals"


def upgrade() -> None:
    """Exchange the constraint; SQLite copies the table for that."""
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_constraint("identity_principals_email", type_="unique")
        batch.create_unique_constraint("identity_principals_tenant_email", ["tenant", "email"])
    op.create_index("identity_principals_email", TABLE, ["email"])


def downgrade() -> None:
    """Leave an address to who had it first; the others sign in by a provider, or get another."""
    op.drop_index("identity_principals_email", TABLE)
    people = sa.table(TABLE, sa.column("tenant"), sa.column("email"), sa.column("created_at"))
    other = people.alias()
    same_time = sa.and_(other.c.created_at == people.c.created_at, other.c.tenant < people.c.tenant)
    earlier = sa.or_(other.c.created_at < people.c.created_at, same_time)
    taken = sa.exists().where(other.c.email == people.c.email, earlier)
    op.execute(sa.update(people).where(taken).values(email=None))
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_constraint("identity_principals_tenant_email", type_="unique")
        batch.create_unique_constraint("identity_principals_email", ["email"])
