"""All SQL of the responses service."""

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Index,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from tulou.chassis import upserts
from tulou.chassis.rows import count_rows, find_row
from tulou.contracts.files.messages import Owner
from tulou.contracts.responses.messages import StoredResponse
from tulou.ports.database import Transaction
from tulou.services.responses.domain import FINAL, item_ids, size

METADATA = MetaData()

RESPONSES = Table(
    "responses_responses",
    METADATA,
    Column("id", String(128), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("project", String(64), nullable=False),
    Column("key", String(64), nullable=False),
    Column("principal", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("input", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("previous", String(128), nullable=False),
    Column("job", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("size", BigInteger, nullable=False, server_default="0"),
    Index("responses_responses_owner", "tenant", "project", "state"),
    Index("responses_responses_expiry", "expires_at"),
)

ITEMS = Table(
    "responses_items",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("project", String(64), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("response", String(128), nullable=False),
    Index("responses_items_response", "response"),
)
"""Which answer holds which item; of an id that several answers hold, the last."""

PROJECTS = Table(
    "responses_projects",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("project", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)
"""What the responses of each project take together: whoever changes that locks the project's row before any other."""

PLAIN = tuple(field.name for field in fields(StoredResponse) if field.name != "owner")
OWNER = tuple(field.name for field in fields(Owner))


async def begin(tx: Transaction, owner: Owner) -> None:
    """Count a project's bytes from now on, unless that has begun."""
    await upserts.add_once(tx, PROJECTS, {"tenant": owner.tenant, "project": owner.project, "bytes": 0})


async def counted(tx: Transaction, owner: Owner) -> bool:
    """Return whether a project's bytes are counted."""
    return bool(await tx.rows(select(PROJECTS.c.bytes).where(*_project(owner))))


async def kept_bytes(tx: Transaction, owner: Owner) -> int:
    """Return what a project's responses take; nobody else changes that until this transaction ends."""
    await tx.execute(update(PROJECTS).where(*_project(owner)).values(bytes=PROJECTS.c.bytes))
    rows = await tx.rows(select(PROJECTS.c.bytes).where(*_project(owner)))
    return rows[0]["bytes"] if rows else 0


async def grow(tx: Transaction, owner: Owner, by: int) -> None:
    """Count bytes that have come, or gone."""
    await tx.execute(update(PROJECTS).where(*_project(owner)).values(bytes=PROJECTS.c.bytes + by))


async def add(tx: Transaction, response: StoredResponse) -> None:
    """Insert a response."""
    await tx.execute(insert(RESPONSES).values(**_row(response)))
    await _index(tx, response)
    await grow(tx, response.owner, size(response))


async def hold(tx: Transaction, response_id: str) -> StoredResponse | None:
    """Return a response that nobody else changes until this transaction ends, or None."""
    await tx.execute(update(RESPONSES).where(RESPONSES.c.id == response_id).values(state=RESPONSES.c.state))
    return await find_row(tx, select(RESPONSES).where(RESPONSES.c.id == response_id), _response)


async def put(tx: Transaction, response: StoredResponse, *, before: StoredResponse) -> None:
    """Write another state of a response."""
    await grow(tx, response.owner, size(response) - size(before))
    await tx.execute(update(RESPONSES).where(RESPONSES.c.id == response.id).values(**_row(response)))
    await _index(tx, response)


async def _index(tx: Transaction, response: StoredResponse) -> None:
    """Note the items of an answer that has ended."""
    ids = item_ids(response) if response.state in FINAL else ()
    if not ids:
        return
    await tx.execute(delete(ITEMS).where(*_items(response.owner), ITEMS.c.id.in_(ids)))
    mine = {"tenant": response.owner.tenant, "project": response.owner.project, "response": response.id}
    await tx.execute(insert(ITEMS).values([{"id": name, **mine} for name in ids]))


async def holders(tx: Transaction, owner: Owner, ids: Sequence[str]) -> dict[str, str]:
    """Return by their items' ids the ids of the answers of this owner's project that hold them."""
    rows = await tx.rows(select(ITEMS).where(*_items(owner), ITEMS.c.id.in_(ids)))
    return {row["id"]: row["response"] for row in rows}


async def find(tx: Transaction, response_id: str, owner: Owner, *, now: float) -> StoredResponse | None:
    """Return a response of this owner's project that has not expired, or None."""
    mine = (RESPONSES.c.id == response_id, *_of(owner), RESPONSES.c.expires_at > now)
    return await find_row(tx, select(RESPONSES).where(*mine), _response)


async def count_unfinished(tx: Transaction, owner: Owner) -> int:
    """Return how many responses of a project are being made."""
    mine = (*_of(owner), RESPONSES.c.state.not_in(FINAL))
    return await count_rows(tx, RESPONSES, *mine)


async def remove(tx: Transaction, owner: Owner, *which: ColumnElement[bool]) -> int:
    """Forget responses of a project, and return how many there were."""
    await kept_bytes(tx, owner)
    freed = await tx.rows(select(func.sum(RESPONSES.c.size).label("n")).where(*_of(owner), *which))
    await grow(tx, owner, -int(freed[0]["n"] or 0))
    gone = select(RESPONSES.c.id).where(*_of(owner), *which)
    await tx.execute(delete(ITEMS).where(*_items(owner), ITEMS.c.response.in_(gone)))
    return await tx.execute(delete(RESPONSES).where(*_of(owner), *which))


async def with_expired(tx: Transaction, *, now: float, limit: int) -> Sequence[Owner]:
    """Return projects of which something has expired."""
    owners = select(RESPONSES.c.tenant, RESPONSES.c.project).where(expired(now)).distinct().limit(limit)
    return [Owner(tenant=row["tenant"], project=row["project"]) for row in await tx.rows(owners)]


def named(response_id: str) -> ColumnElement[bool]:
    """Return what is true of the response of this id."""
    return RESPONSES.c.id == response_id


def expired(now: float) -> ColumnElement[bool]:
    """Return what is true of responses whose time is over."""
    return RESPONSES.c.expires_at <= now


def _project(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return (PROJECTS.c.tenant == owner.tenant, PROJECTS.c.project == owner.project)


def _items(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return (ITEMS.c.tenant == owner.tenant, ITEMS.c.project == owner.project)


def _of(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return (RESPONSES.c.tenant == owner.tenant, RESPONSES.c.project == owner.project)


def _row(response: StoredResponse) -> dict[str, object]:
    plain = {name: getattr(response, name) for name in PLAIN} | {"size": size(response)}
    return plain | {name: getattr(response.owner, name) for name in OWNER}


def _response(row: RowMapping) -> StoredResponse:
    owner = Owner(**{name: row[name] for name in OWNER})
    return StoredResponse(owner=owner, **{name: row[name] for name in PLAIN})
