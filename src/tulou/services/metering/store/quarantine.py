"""Entries that were set aside: they wait until they can be held, or somebody settles what becomes of them."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, delete, select, tuple_, update

from tulou.chassis.rows import count_rows
from tulou.chassis.upserts import insert_into
from tulou.contracts.metering.messages import SetAside, Settlement
from tulou.ports.database import Transaction
from tulou.services.metering.store.entries import Key
from tulou.services.metering.store.tables import QUARANTINE

Absurd = tuple[str, str]
"""The text of what came as an entry and cannot be one, and why."""

Place = tuple[float, str]
"""When it was received, and its digest."""

BODY_CAP = 16_384
REASON_CAP = 1_000
AT_ONCE = 500
WAITS = QUARANTINE.c.settled_at.is_(None)
SETTLED = QUARANTINE.c.settled_at.is_not(None)
PLACE = tuple_(QUARANTINE.c.received_at, QUARANTINE.c.digest)


def text_of(body: bytes) -> str:
    """Return what came as a text: letter by letter if it is one, else as it can best be shown."""
    return body.decode("utf-8", "backslashreplace")


async def set_aside(tx: Transaction, absurd: Iterable[Absurd], *, gateway: str, now: float, cap: int) -> int:
    """Keep entries that no ledger can hold, as long as there is room; return how many there was none for."""
    rows = [_row(body, why, gateway, now) for body, why in absurd]
    fresh = {row["digest"]: row for row in rows}
    room = max(0, cap - await waiting(tx))
    if len(fresh) > room:
        known = await _known(tx, list(fresh))
        fresh = {digest: row for digest, row in fresh.items() if digest not in known}
    kept = sorted(list(fresh.values())[:room], key=lambda row: row["digest"])
    if kept:
        await tx.execute(insert_into(tx, QUARANTINE).on_conflict_do_nothing(), kept)
    return max(0, len(fresh) - room)


async def settled_among(tx: Transaction, bodies: Mapping[Key, bytes]) -> set[Key]:
    """Return those of what came that somebody has settled already; where nobody has settled any, it costs little."""
    if not await tx.rows(select(QUARANTINE.c.digest).where(SETTLED).limit(1)):
        return set()
    digests = {_digest(body): key for key, body in bodies.items()}
    return {digests[digest] for digest in await _known(tx, list(digests), SETTLED)}


async def waiting(tx: Transaction) -> int:
    """Return how many wait."""
    return await count_rows(tx, QUARANTINE, WAITS)


async def page(tx: Transaction, *, settled: bool, after: Place | None, limit: int) -> Sequence[SetAside]:
    """Return those that wait, or those that are settled, the newest first."""
    query = select(QUARANTINE).where(SETTLED if settled else WAITS)
    if after is not None:
        query = query.where(tuple_(*after) > PLACE)
    rows = await tx.rows(query.order_by(QUARANTINE.c.received_at.desc(), QUARANTINE.c.digest.desc()).limit(limit))
    return [_set_aside(row) for row in rows]


async def held(tx: Transaction, *, after: Place | None, limit: int) -> Sequence[SetAside]:
    """Return those that wait, the oldest first; nobody else changes them meanwhile."""
    query = select(QUARANTINE).where(WAITS).order_by(QUARANTINE.c.received_at, QUARANTINE.c.digest).limit(limit)
    if after is not None:
        query = query.where(tuple_(*after) < PLACE)
    return await _held(tx, query)


async def held_by(tx: Transaction, beginning: str) -> Sequence[SetAside]:
    """Return those that wait and whose digest begins so, two at the most; nobody else changes them meanwhile."""
    begins = QUARANTINE.c.digest.startswith(beginning, autoescape=True)
    return await _held(tx, select(QUARANTINE).where(WAITS, begins).order_by(QUARANTINE.c.digest).limit(2))


async def release(tx: Transaction, digests: Sequence[str]) -> None:
    """Let go of those that are in the ledger now."""
    if digests:
        await tx.execute(delete(QUARANTINE).where(QUARANTINE.c.digest.in_(digests)))


async def explain(tx: Transaction, reasons: Mapping[str, str]) -> None:
    """Write why these, by digest, still cannot be held."""
    if reasons:
        statement = update(QUARANTINE).where(QUARANTINE.c.digest == bindparam("of")).values(reason=bindparam("why"))
        await tx.execute(statement, [{"of": digest, "why": _safe(why)} for digest, why in reasons.items()])


async def settle(tx: Transaction, digest: str, settlement: Settlement) -> None:
    """Write what became of one."""
    values = {"settled_at": settlement.at, "settlement": msgspec.json.encode(settlement).decode()}
    await tx.execute(update(QUARANTINE).where(QUARANTINE.c.digest == digest).values(**values))


async def forget(tx: Transaction, *, before: float) -> None:
    """Remove what was settled before a time."""
    await tx.execute(delete(QUARANTINE).where(QUARANTINE.c.settled_at < before))


async def _held(tx: Transaction, query: Select[Any]) -> Sequence[SetAside]:
    return [_set_aside(row) for row in await tx.rows(query.with_for_update())]


async def _known(tx: Transaction, digests: Sequence[str], *like: ColumnElement[bool]) -> set[str]:
    known: set[str] = set()
    for first in range(0, len(digests), AT_ONCE):
        some = digests[first : first + AT_ONCE]
        rows = await tx.rows(select(QUARANTINE.c.digest).where(QUARANTINE.c.digest.in_(some), *like))
        known |= {row["digest"] for row in rows}
    return known


def _row(body: str, why: str, gateway: str, now: float) -> dict[str, Any]:
    safe = body.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    if len(safe) > BODY_CAP:
        why = f"{why[:REASON_CAP]}; of its {len(safe)} characters only {BODY_CAP} are kept"
    return {
        "digest": _digest(safe.encode()),
        "received_at": now,
        "gateway": gateway[:128],
        "reason": _safe(why),
        "body": safe[:BODY_CAP],
    }


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()


def _safe(why: str) -> str:
    return why.encode("ascii", "backslashreplace").decode().replace("\0", "\\0")[: 2 * REASON_CAP]


def _set_aside(row: RowMapping) -> SetAside:
    settled = row["settlement"]
    return SetAside(
        **{name: row[name] for name in ("digest", "received_at", "gateway", "reason", "body")},
        settled=msgspec.json.decode(settled, type=Settlement) if settled else None,
    )
