"""The numbers that stand for dimensions, and which dimensions a filter means."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Select, select

from tulou.chassis.upserts import insert_into
from tulou.contracts.metering.messages import Dimension
from tulou.kernel.errors import TulouError
from tulou.ports.database import Transaction
from tulou.services.metering.domain.sums import DIMENSIONS, Dims, number_of
from tulou.services.metering.store.tables import NUMBERS

AT_ONCE = 500
SALTS = 4

Filters = Mapping[Dimension, Sequence[str]]


async def numbers(tx: Transaction, wanted: Iterable[Dims]) -> dict[Dims, int]:
    """Return the numbers of dimensions, and make those that are not there.

    What is read back tells whether a number stands for other dimensions already: then the next salt gives another.
    """
    found: dict[Dims, int] = {}
    left = sorted(wanted)
    for salt in range(SALTS):
        for first in range(0, len(left), AT_ONCE):
            found |= await _insert(tx, left[first : first + AT_ONCE], salt)
        left = [dims for dims in left if dims not in found]
        if not left:
            return found
    raise TulouError(f"no number is free for {left[0]}; {SALTS} digests of 63 bits are taken, which cannot be")


async def _insert(tx: Transaction, wanted: Sequence[Dims], salt: int) -> dict[Dims, int]:
    rows = [{"id": number_of(dims, salt), **dict(zip(DIMENSIONS, dims, strict=True))} for dims in wanted]
    rows.sort(key=lambda row: row["id"])
    await tx.execute(insert_into(tx, NUMBERS).on_conflict_do_nothing(), rows)
    kept = await tx.rows(select(NUMBERS).where(NUMBERS.c.id.in_([row["id"] for row in rows])))
    stands_for = {row["id"]: tuple(row[name] for name in DIMENSIONS) for row in kept}
    return {dims: number_of(dims, salt) for dims in wanted if stands_for.get(number_of(dims, salt)) == dims}


def meant(filters: Filters) -> Select[tuple[int]]:
    """Return a query for the numbers of all dimensions that have one of the values named for each."""
    conditions = [NUMBERS.c[dimension].in_(values) for dimension, values in filters.items()]
    return select(NUMBERS.c.id).where(*conditions)
