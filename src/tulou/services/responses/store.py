"""All SQL of the responses service."""

from dataclasses import fields

from sqlalchemy import (
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

from tulou.contracts.files.messages import Owner
from tulou.contracts.responses.messages import StoredResponse
from tulou.ports.database import Transaction
from tulou.services.responses.domain import FINAL

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
    Index("responses_responses_owner", "tenant", "project", "state"),
    Index("responses_responses_expiry", "expires_at"),
)

PLAIN = tuple(field.name for field in fields(StoredResponse) if field.name != "owner")
OWNER = tuple(field.name for field in fields(Owner))


async def add(tx: Transaction, response: StoredResponse) -> None:
    """Insert a response."""
    await tx.execute(insert(RESPONSES).values(**_row(response)))


async def hold(tx: Transaction, response_id: str) -> StoredResponse | None:
    """Return a response that nobody else changes until this transaction ends, or None."""
    await tx.execute(update(RESPONSES).where(RESPONSES.c.id == response_id).values(state=RESPONSES.c.state))
    rows = await tx.rows(select(RESPONSES).where(RESPONSES.c.id == response_id))
    return _response(rows[0]) if rows else None


async def put(tx: Transaction, response: StoredResponse) -> None:
    """Write another state of a response."""
    await tx.execute(update(RESPONSES).where(RESPONSES.c.id == response.id).values(**_row(response)))


async def find(tx: Transaction, response_id: str, owner: Owner, *, now: float) -> StoredResponse | None:
    """Return a response of this owner's project that has not expired, or None."""
    mine = (RESPONSES.c.id == response_id, *_of(owner), RESPONSES.c.expires_at > now)
    rows = await tx.rows(select(RESPONSES).where(*mine))
    return _response(rows[0]) if rows else None


async def count_unfinished(tx: Transaction, owner: Owner) -> int:
    """Return how many responses of a project are being made."""
    mine = (*_of(owner), RESPONSES.c.state.not_in(FINAL))
    return (await tx.rows(select(func.count().label("n")).select_from(RESPONSES).where(*mine)))[0]["n"]


async def remove(tx: Transaction, response_id: str, owner: Owner) -> bool:
    """Forget a response; return whether there was one."""
    return bool(await tx.execute(delete(RESPONSES).where(RESPONSES.c.id == response_id, *_of(owner))))


async def forget_expired(tx: Transaction, *, now: float) -> int:
    """Forget what has expired, and return how many there were."""
    return await tx.execute(delete(RESPONSES).where(RESPONSES.c.expires_at <= now))


def _of(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return (RESPONSES.c.tenant == owner.tenant, RESPONSES.c.project == owner.project)


def _row(response: StoredResponse) -> dict[str, object]:
    plain = {name: getattr(response, name) for name in PLAIN}
    return plain | {name: getattr(response.owner, name) for name in OWNER}


def _response(row: RowMapping) -> StoredResponse:
    owner = Owner(**{name: row[name] for name in OWNER})
    return StoredResponse(owner=owner, **{name: row[name] for name in PLAIN})
