"""All SQL of the identity service."""

from collections.abc import Sequence

import msgspec
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
    UniqueConstraint,
    func,
    insert,
    or_,
    select,
    update,
)

from tulou.contracts.identity.messages import Key, KeyGrant, ListKeys, Scope
from tulou.kernel.message import message
from tulou.ports.database import Transaction

METADATA = MetaData()

KEYS = Table(
    "identity_keys",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("prefix", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("principal", String(64), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("models", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
    UniqueConstraint("digest", name="identity_keys_digest"),
    Index("identity_keys_valid", "revoked_at", "expires_at"),
)


@message
class StoredKey:
    """A key and the digest of its secret."""

    key: Key
    digest: str


async def add(tx: Transaction, stored: StoredKey, *, created_by: str) -> None:
    """Insert a key."""
    key = stored.key
    row = {name: getattr(key, name) for name in Key.__dataclass_fields__}
    row |= {"scopes": _json(key.scopes), "models": _json(key.models)}
    await tx.execute(insert(KEYS).values(**row, digest=stored.digest, created_by=created_by))


async def find(tx: Transaction, key_id: str) -> Key | None:
    """Return a key, or None."""
    rows = await tx.rows(select(KEYS).where(KEYS.c.id == key_id))
    return _key(rows[0]) if rows else None


async def find_by_digest(tx: Transaction, digest: str) -> StoredKey | None:
    """Return the key whose secret has this digest, or None."""
    rows = await tx.rows(select(KEYS).where(KEYS.c.digest == digest))
    return StoredKey(key=_key(rows[0]), digest=rows[0]["digest"]) if rows else None


async def page(tx: Transaction, request: ListKeys) -> Sequence[Key]:
    """Return one key more than a page holds, newest first."""
    query = select(KEYS).order_by(KEYS.c.id.desc()).limit(request.limit + 1)
    if request.after:
        query = query.where(KEYS.c.id < request.after)
    if not request.revoked:
        query = query.where(KEYS.c.revoked_at.is_(None))
    return [_key(row) for row in await tx.rows(query)]


async def revoke(tx: Transaction, key_id: str, *, at: float) -> bool:
    """End a key; return whether it was this call that ended it."""
    unrevoked = (KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None))
    return await tx.execute(update(KEYS).where(*unrevoked).values(revoked_at=at)) == 1


async def count_valid(tx: Transaction, *, now: float) -> int:
    """Return how many keys are neither revoked nor expired."""
    query = select(func.count().label("n")).select_from(KEYS).where(*_valid(now))
    return (await tx.rows(query))[0]["n"]


async def grants(tx: Transaction, *, now: float, limit: int) -> Sequence[KeyGrant]:
    """Return what the data plane needs of every valid key."""
    query = select(KEYS).where(*_valid(now)).order_by(KEYS.c.id).limit(limit)
    return [_grant(row) for row in await tx.rows(query)]


def _valid(now: float) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (KEYS.c.revoked_at.is_(None), or_(KEYS.c.expires_at.is_(None), KEYS.c.expires_at > now))


def _key(row: RowMapping) -> Key:
    plain = {name: row[name] for name in Key.__dataclass_fields__ if name not in ("scopes", "models")}
    return Key(**plain, scopes=_scopes(row), models=_models(row))


def _grant(row: RowMapping) -> KeyGrant:
    return KeyGrant(
        key=row["id"],
        digest=row["digest"],
        tenant=row["tenant"],
        principal=row["principal"],
        scopes=_scopes(row),
        models=_models(row),
        expires_at=row["expires_at"],
    )


def _json(values: Sequence[str]) -> str:
    return msgspec.json.encode(values).decode()


def _scopes(row: RowMapping) -> tuple[Scope, ...]:
    return msgspec.json.decode(row["scopes"], type=tuple[Scope, ...])


def _models(row: RowMapping) -> tuple[str, ...]:
    return msgspec.json.decode(row["models"], type=tuple[str, ...])
