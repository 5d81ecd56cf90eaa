"""All SQL of the routing service."""

import msgspec
from sqlalchemy import BigInteger, Column, Float, MetaData, String, Table, Text, delete, select

from tulou.chassis import upserts
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
    text = msgspec.json.encode(route).decode()
    await upserts.put(tx, ROUTES, {"model": route.model, "route": text, "updated_at": at, "updated_by": by})


async def remove(tx: Transaction, model: str) -> bool:
    """Remove a route; return whether there was one."""
    return bool(await tx.execute(delete(ROUTES).where(ROUTES.c.model == model)))


async def counter(tx: Transaction, name: str) -> int:
    """Return a counter; 0 before it was ever raised."""
    rows = await tx.rows(select(COUNTERS.c.value).where(COUNTERS.c.name == name))
    return rows[0]["value"] if rows else 0


async def raise_counter(tx: Transaction, name: str) -> None:
    """Add one to a counter."""
    first = upserts.insert_into(tx, COUNTERS).values(name=name, value=1)
    await tx.execute(first.on_conflict_do_update(index_elements=["name"], set_={"value": COUNTERS.c.value + 1}))
