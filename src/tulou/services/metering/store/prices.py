"""The price book: what it says now, and what each of its versions said."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, insert, or_, select, update

from tulou.contracts.metering.messages import Price
from tulou.ports.database import Transaction
from tulou.services.metering.store.tables import BOOK, PRICES


async def hold(tx: Transaction) -> None:
    """Keep others from changing the book until this transaction ends: written as it is, which locks everywhere."""
    await tx.execute(update(BOOK).values(version=BOOK.c.version))


async def turn_page(tx: Transaction) -> int:
    """Begin the next version of the book, and return its number; others who want to wait for this one."""
    await tx.execute(update(BOOK).values(version=BOOK.c.version + 1))
    return await version(tx)


async def version(tx: Transaction) -> int:
    """Return the version of the book."""
    rows = await tx.rows(select(BOOK.c.version))
    return rows[0]["version"]


async def prices(tx: Transaction, *, at_version: int | None = None, limit: int) -> Sequence[Price]:
    """Return what the book says, or said in a version of it."""
    query = select(PRICES.c.body).order_by(PRICES.c.model, PRICES.c.provider, PRICES.c.since).limit(limit)
    if at_version is None:
        query = query.where(PRICES.c.ended.is_(None))
    else:
        there = PRICES.c.version <= at_version
        query = query.where(there, or_(PRICES.c.ended.is_(None), PRICES.c.ended > at_version))
    return [msgspec.json.decode(row["body"], type=Price) for row in await tx.rows(query)]


async def put(tx: Transaction, price: Price) -> None:
    """Write a price into the book, from its version on."""
    body = msgspec.json.encode(price).decode()
    name = {"model": price.model, "provider": price.provider, "since": price.since}
    await tx.execute(insert(PRICES).values(**name, version=price.version, ended=None, body=body))


async def end(tx: Transaction, model: str, provider: str, since: float, *, version: int) -> bool:
    """Strike a price out of the book; return whether it was there."""
    named = (PRICES.c.model == model, PRICES.c.provider == provider, PRICES.c.since == since)
    return await tx.execute(update(PRICES).where(*named, _current()).values(ended=version)) > 0


def _current() -> ColumnElement[bool]:
    return PRICES.c.ended.is_(None)
