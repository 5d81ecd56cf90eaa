"""All SQL of the routing service."""

import msgspec
from sqlalchemy import BigInteger, Column, Float, MetaData, String, Table, Text, delete, insert, select, update

from tulou.contracts.routing.messages import Route
from tulou.ports.database import Transaction

METADATA = MetaData()

ROUTES = Table(
    "routing_routes",
    METADATA,
    Column("model", String(200), primary_key=True),
    Column("route", Text, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("updated_by", String(64), nullable=False),
)

COUNTERS = Table(
    "routing_counters",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

MOST_ROUTES = 10_000


async def routes(tx: Transaction) -> dict[str, Route]:
    """Return all routes that somebody made, by model."""
    rows = await tx.rows(select(ROUTES.c.route).order_by(ROUTES.c.model).limit(MOST_ROUTES))
    found = [msgspec.json.decode(row["route"], type=Route) for row in rows]
    return {route.model: route for route in found}


async def put(tx: Transaction, route: Route, *, at: float, by: str) -> None:
    """Make a route or replace it."""
    values = {"route": msgspec.json.encode(route).decode(), "updated_at": at, "updated_by": by}
    if not await tx.execute(update(ROUTES).where(ROUTES.c.model == route.model).values(**values)):
        await tx.execute(insert(ROUTES), {"model": route.model, **values})


async def remove(tx: Transaction, model: str) -> bool:
    """Remove a route; return whether there was one."""
    return bool(await tx.execute(delete(ROUTES).where(ROUTES.c.model == model)))


async def counter(tx: Transaction, name: str) -> int:
    """Return a counter; 0 before it was ever raised."""
    rows = await tx.rows(select(COUNTERS.c.value).where(COUNTERS.c.name == name))
    return rows[0]["value"] if rows else 0


async def raise_counter(tx: Transaction, name: str) -> None:
    """Add one to a counter."""
    if not await tx.execute(update(COUNTERS).where(COUNTERS.c.name == name).values(value=COUNTERS.c.value + 1)):
        await tx.execute(insert(COUNTERS), {"name": name, "value": 1})
