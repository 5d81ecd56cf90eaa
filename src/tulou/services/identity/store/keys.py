"""Keys in the database."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, RowMapping, func, insert, or_, select, update

from tulou.chassis.rows import count_rows, find_row, values_of
from tulou.contracts.identity.messages import Key, ListGrants, ListKeys, Scope
from tulou.kernel.message import message
from tulou.ports.database import Transaction
from tulou.services.identity.domain.names import DEFAULT
from tulou.services.identity.store.tables import KEYS


@message
class StoredKey:
    """A key and the digest of its secret."""

    key: Key
    digest: str


class StoredGrant(NamedTuple):
    """What of a key the data plane is told; a tuple, since there are a hundred thousand of them."""

    key: str
    digest: str
    tenant: str
    principal: str
    project: str
    scopes: tuple[Scope, ...]
    models: tuple[str, ...]
    expires_at: float | None
    disabled: str
    makers: tuple[str, ...]


_GRANTED = [
    KEYS.c[name]
    for name in (
        "id",
        "digest",
        "tenant",
        "principal",
        "project",
        "scopes",
        "models",
        "expires_at",
        "disabled",
        "makers",
    )
]

_NULL = ("session", "disabled", "gone_with")
"""Texts that are NULL where they are empty."""


async def add(tx: Transaction, stored: StoredKey, *, created_by: str) -> None:
    """Insert a key."""
    key = stored.key
    row = values_of(key)
    row |= {"scopes": _json(key.scopes), "models": _json(key.models)}
    row |= {name: getattr(key, name) or None for name in _NULL}
    row |= {"makers": _json(key.makers) if key.makers else None}
    await tx.execute(insert(KEYS).values(**row, digest=stored.digest, created_by=created_by))


async def find(tx: Transaction, key_id: str) -> Key | None:
    """Return a key, or None."""
    return await find_row(tx, select(KEYS).where(KEYS.c.id == key_id), _key)


async def find_by_digest(tx: Transaction, digest: str) -> StoredKey | None:
    """Return the key whose secret has this digest, or None."""
    return await find_row(tx, select(KEYS).where(KEYS.c.digest == digest), _stored)


async def page(tx: Transaction, request: ListKeys, *, projects: Sequence[str] | None) -> Sequence[Key]:
    """Return one key more than a page holds, newest first; those of sessions are nobody's business."""
    query = select(KEYS).where(KEYS.c.session.is_(None)).order_by(KEYS.c.id.desc()).limit(request.limit + 1)
    if request.after:
        query = query.where(KEYS.c.id < request.after)
    if not request.revoked:
        query = query.where(KEYS.c.revoked_at.is_(None))
    if projects is not None:
        query = query.where(_project().in_(projects))
    if request.project:
        query = query.where(_project() == request.project)
    for name in ("tenant", "principal"):
        if wanted := getattr(request, name):
            query = query.where(KEYS.c[name] == wanted)
    return [_key(row) for row in await tx.rows(query)]


async def revoke(tx: Transaction, key_id: str, *, at: float) -> bool:
    """End a key; return whether it was this call that ended it."""
    unrevoked = (KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None))
    return await tx.execute(update(KEYS).where(*unrevoked).values(revoked_at=at)) == 1


async def enable(tx: Transaction, key_id: str) -> bool:
    """Let a key in again; return whether it was this call that did."""
    disabled = (KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None), KEYS.c.disabled.is_not(None))
    return await tx.execute(update(KEYS).where(*disabled).values(disabled=None)) == 1


async def revoke_with(tx: Transaction, tenant: str, principal: str, *, deletion: str, at: float) -> Sequence[str]:
    """End the keys of a principal that is deleted; return their ids."""
    mine = (*_owned(tenant, principal), KEYS.c.revoked_at.is_(None))
    await tx.execute(update(KEYS).where(*mine).values(revoked_at=at, gone_with=deletion))
    return await gone_with(tx, deletion)


async def gone_with(tx: Transaction, deletion: str) -> Sequence[str]:
    """Return the ids of the keys that went with a deletion."""
    return [row["id"] for row in await tx.rows(select(KEYS.c.id).where(KEYS.c.gone_with == deletion))]


async def bring_back(tx: Transaction, deletion: str, *, disabled: str) -> None:
    """Undo what a deletion did to keys; with `disabled`, a reason, they open nothing until somebody enables them."""
    values: dict[str, str | None] = {"revoked_at": None, "gone_with": None}
    if disabled:
        values["disabled"] = disabled
    await tx.execute(update(KEYS).where(KEYS.c.gone_with == deletion).values(**values))


async def of_sessions(tx: Transaction, sessions: Sequence[str]) -> Sequence[str]:
    """Return the ids of the keys that end with these sessions, and have not yet."""
    query = select(KEYS.c.id).where(KEYS.c.session.in_(sessions), KEYS.c.revoked_at.is_(None))
    return [row["id"] for row in await tx.rows(query)]


async def count_valid(tx: Transaction, *, now: float, tenant: str = "") -> int:
    """Return how many keys are neither revoked nor expired, of all tenants or of one."""
    return await count_rows(tx, KEYS, *_valid(now), *([KEYS.c.tenant == tenant] if tenant else []))


async def any_valid(tx: Transaction, tenant: str, project: str = "", *, now: float) -> bool:
    """Say whether a tenant, or one of its projects, has a key that is neither revoked nor expired."""
    query = select(KEYS.c.id).where(KEYS.c.tenant == tenant, *_valid(now)).limit(1)
    if project:
        query = query.where(_project() == project)
    return bool(await tx.rows(query))


async def grants(tx: Transaction, request: ListGrants, *, now: float) -> Sequence[StoredGrant]:
    """Return a page of those keys asked for that are neither revoked nor expired, by id."""
    query = select(*_GRANTED).where(*_valid(now)).order_by(KEYS.c.id).limit(request.limit)
    if request.keys:
        query = query.where(KEYS.c.id.in_(request.keys))
    if request.after:
        query = query.where(KEYS.c.id > request.after)
    for name in ("tenant", "principal"):
        if wanted := getattr(request, name):
            query = query.where(KEYS.c[name] == wanted)
    return [_grant(row) for row in await tx.rows(query)]


def _valid(now: float) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (KEYS.c.revoked_at.is_(None), or_(KEYS.c.expires_at.is_(None), KEYS.c.expires_at > now))


def _owned(tenant: str, principal: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (KEYS.c.tenant == tenant, KEYS.c.principal == principal)


def _project() -> ColumnElement[str]:
    return func.coalesce(KEYS.c.project, DEFAULT)


def _grant(row: RowMapping) -> StoredGrant:
    return StoredGrant(
        key=row["id"],
        digest=row["digest"],
        tenant=row["tenant"],
        principal=row["principal"],
        project=row["project"] or DEFAULT,
        scopes=_scopes(row["scopes"]),
        models=_texts(row["models"]),
        expires_at=row["expires_at"],
        disabled=row["disabled"] or "",
        makers=_texts(row["makers"] or "[]"),
    )


def _stored(row: RowMapping) -> StoredKey:
    return StoredKey(key=_key(row), digest=row["digest"])


def _key(row: RowMapping) -> Key:
    odd = ("scopes", "models", "project", "makers", *_NULL)
    plain = {name: row[name] for name in Key.__dataclass_fields__ if name not in odd}
    return Key(
        **plain,
        scopes=_scopes(row["scopes"]),
        models=_texts(row["models"]),
        project=row["project"] or DEFAULT,
        session=row["session"] or "",
        disabled=row["disabled"] or "",
        gone_with=row["gone_with"] or "",
        makers=_texts(row["makers"] or "[]"),
    )


@lru_cache(maxsize=1024)
def _scopes(written: str) -> tuple[Scope, ...]:
    """Read a few hundred different texts a hundred thousand times."""
    return msgspec.json.decode(written, type=tuple[Scope, ...])


@lru_cache(maxsize=1024)
def _texts(written: str) -> tuple[str, ...]:
    return msgspec.json.decode(written, type=tuple[str, ...])


def _json(values: Sequence[str]) -> str:
    return msgspec.json.encode(values).decode()
