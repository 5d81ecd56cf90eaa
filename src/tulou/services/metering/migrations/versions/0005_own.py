"""What nothing prices is counted of vendors alone: the house's own models may cost nothing, and are no longer in it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ROLLUPS = ("metering_minutes", "metering_hours", "metering_days", "metering_months")
OWN = "tulou"

_DIMENSIONS = sa.table("metering_dimensions", sa.column("id"), sa.column("provider"))


def upgrade() -> None:
    """Take them out of the sums; those of another house cannot be told from them, and nobody was told of them."""
    own = sa.select(_DIMENSIONS.c.id).where(_DIMENSIONS.c.provider == OWN)
    for name in ROLLUPS:
        table = sa.table(name, sa.column("dim"), sa.column("unpriced"), sa.column("unpriced_tokens"))
        counted = sa.and_(table.c.unpriced > 0, table.c.dim.in_(own))
        op.execute(sa.update(table).where(counted).values(unpriced=0, unpriced_tokens=0))


def downgrade() -> None:
    """Leave it: the version before passes over them."""
