"""Sessions in the database."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, delete, insert, or_, select, update

from tulou.chassis.rows import find_row, read_as, values_of
from tulou.contracts.identity.messages import Session
from tulou.ports.database import Transaction
from tulou.services.identity.store.principals import Owner
from tulou.services.identity.store.tables import SESSIONS


async def add(tx: Transaction, session: Session, *, digest: str) -> None:
    """Insert a session."""
    row = values_of(session)
    await tx.execute(insert(SESSIONS).values(**row, digest=digest))


async def find(tx: Transaction, session_id: str) -> Session | None:
    """Return a session, or None."""
    return await find_row(tx, select(SESSIONS).where(SESSIONS.c.id == session_id), _session)


async def find_by_digest(tx: Transaction, digest: str) -> Session | None:
    """Return the session whose secret has this digest, or None."""
    return await find_row(tx, select(SESSIONS).where(SESSIONS.c.digest == digest), _session)


async def of(tx: Transaction, owner: Owner, *, limit: int) -> Sequence[Session]:
    """Return the sessions of a principal, newest first."""
    mine = (SESSIONS.c.tenant == owner[0], SESSIONS.c.principal == owner[1])
    return [_session(row) for row in await tx.rows(select(SESSIONS).where(*mine).order_by(_newest()).limit(limit))]


async def touch(tx: Transaction, session_id: str, *, at: float) -> None:
    """Note that a session was used."""
    await tx.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(seen_at=at))


async def remove(tx: Transaction, sessions: Sequence[str]) -> int:
    """End sessions; return how many there were."""
    return await tx.execute(delete(SESSIONS).where(SESSIONS.c.id.in_(sessions)))


async def ended(tx: Transaction, *, now: float, idle_since: float, limit: int) -> Sequence[str]:
    """Return the ids of sessions whose time is over."""
    over = or_(SESSIONS.c.expires_at <= now, SESSIONS.c.seen_at <= idle_since)
    return [row["id"] for row in await tx.rows(select(SESSIONS.c.id).where(over).limit(limit))]


def _newest() -> ColumnElement[str]:
    return SESSIONS.c.id.desc()


def _session(row: RowMapping) -> Session:
    return read_as(Session, row)
