"""Principals and the roles they hold in the database."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update

from tulou.chassis.rows import count_rows
from tulou.contracts.governance.messages import Attribute
from tulou.contracts.identity.messages import Principal, RoleBinding
from tulou.kernel.message import message
from tulou.ports.database import Transaction
from tulou.services.identity.store.tables import BINDINGS, PRINCIPALS, RECOVERY

Owner = tuple[str, str]
"""A tenant and the name of one of its principals."""


@message
class StoredPrincipal:
    """A principal and what proves that it is they."""

    principal: Principal
    password: str = ""
    factor: str = ""
    factor_begun: str = ""
    factor_step: int = 0

    @property
    def owner(self) -> Owner:
        """Return which principal this is."""
        return self.principal.tenant, self.principal.name


async def find(tx: Transaction, tenant: str, name: str) -> StoredPrincipal | None:
    """Return a principal, or None."""
    return await _one(tx, *_is((tenant, name)))


async def hold(tx: Transaction, owner: Owner) -> StoredPrincipal | None:
    """Return a principal whom nobody else changes until this transaction ends, or None."""
    await tx.execute(update(PRINCIPALS).where(*_is(owner)).values(kind=PRINCIPALS.c.kind))  # a lock on every database
    return await find(tx, *owner)


async def find_by_email(tx: Transaction, tenant: str, email: str) -> StoredPrincipal | None:
    """Return who has an e-mail address in a tenant, or None."""
    return await _one(tx, PRINCIPALS.c.tenant == tenant, PRINCIPALS.c.email == email)


async def with_password(tx: Transaction, email: str, *, limit: int) -> Sequence[StoredPrincipal]:
    """Return who may sign in with an e-mail address and a password, in any tenant, those that were there first."""
    query = select(PRINCIPALS.c.tenant, PRINCIPALS.c.name).where(PRINCIPALS.c.email == email)
    order = (PRINCIPALS.c.created_at, PRINCIPALS.c.tenant)
    rows = await tx.rows(query.where(PRINCIPALS.c.password != "").order_by(*order).limit(limit))
    found = [await find(tx, row["tenant"], row["name"]) for row in rows]
    return [person for person in found if person]


async def find_by_subject(tx: Transaction, issuer: str, subject: str) -> StoredPrincipal | None:
    """Return whom a provider means by a subject, or None."""
    return await _one(tx, PRINCIPALS.c.issuer == issuer, PRINCIPALS.c.subject == subject)


async def page(
    tx: Transaction, tenant: str, *, after: Owner, limit: int, at: Collection[str] | None = None
) -> Sequence[Principal]:
    """Return principals by tenant and name, those of one tenant or of all, beyond the one seen last.

    With `at` those alone that have a role at one of these projects.
    """
    seen_tenant, seen = after
    beyond = (PRINCIPALS.c.tenant > seen_tenant) | ((PRINCIPALS.c.tenant == seen_tenant) & (PRINCIPALS.c.name > seen))
    query = select(PRINCIPALS).where(beyond).order_by(PRINCIPALS.c.tenant, PRINCIPALS.c.name).limit(limit)
    if at is not None:
        query = query.where(_works_at(at))
    rows = await tx.rows(query.where(PRINCIPALS.c.tenant == tenant) if tenant else query)
    tenants = {row["tenant"] for row in rows}
    held = await _bindings(tx, BINDINGS.c.tenant.in_(tenants), BINDINGS.c.principal.in_([row["name"] for row in rows]))
    return [_principal(row, held) for row in rows]


async def some(tx: Transaction, owners: Collection[Owner]) -> Mapping[Owner, Principal]:
    """Return those principals of some that there are, and perhaps others of the same names in the same tenants."""
    tenants, names = {tenant for tenant, _ in owners}, {name for _, name in owners}
    rows = await tx.rows(select(PRINCIPALS).where(PRINCIPALS.c.tenant.in_(tenants), PRINCIPALS.c.name.in_(names)))
    held = await _bindings(tx, BINDINGS.c.tenant.in_(tenants), BINDINGS.c.principal.in_(names))
    return {(row["tenant"], row["name"]): _principal(row, held) for row in rows}


async def bindings(tx: Transaction, tenant: str, name: str) -> tuple[RoleBinding, ...]:
    """Return the roles that a principal holds."""
    held = await _bindings(tx, BINDINGS.c.tenant == tenant, BINDINGS.c.principal == name)
    return held.get((tenant, name), ())


async def add(tx: Transaction, person: StoredPrincipal) -> None:
    """Insert a principal and its roles; raise `ConflictError` if its name, e-mail or subject is taken."""
    principal = person.principal
    issuer, _, subject = principal.subject.partition(" ")
    proofs = {name: getattr(person, name) for name in ("password", "factor", "factor_begun", "factor_step")}
    row = {name: getattr(principal, name) for name in ("tenant", "name", "created_at", "seen_at")}
    subjects = {"issuer": issuer or None, "subject": subject or None}
    await tx.execute(insert(PRINCIPALS).values(**row, **_written(principal), **proofs, **subjects))
    await _bind(tx, principal)


async def put(tx: Transaction, principal: Principal) -> None:
    """Write a principal over the one there is, and its roles; raise `ConflictError` if its e-mail is taken."""
    await tx.execute(update(PRINCIPALS).where(*_is((principal.tenant, principal.name))).values(**_written(principal)))
    await put_roles(tx, principal)


async def put_roles(tx: Transaction, principal: Principal) -> None:
    """Write the roles of a principal over those that it has, and nothing else."""
    await tx.execute(delete(BINDINGS).where(*_bound((principal.tenant, principal.name))))
    await _bind(tx, principal)


async def remove(tx: Transaction, owner: Owner) -> None:
    """Remove a principal with its roles and recovery codes."""
    await tx.execute(delete(BINDINGS).where(*_bound(owner)))
    await tx.execute(delete(RECOVERY).where(RECOVERY.c.tenant == owner[0], RECOVERY.c.principal == owner[1]))
    await tx.execute(delete(PRINCIPALS).where(*_is(owner)))


async def seen(tx: Transaction, owner: Owner, *, at: float) -> None:
    """Note when a principal was here."""
    await tx.execute(update(PRINCIPALS).where(*_is(owner)).values(seen_at=at))


async def bind_subject(tx: Transaction, owner: Owner, *, issuer: str, subject: str) -> bool:
    """Note whom a provider means by a principal; return whether it had no such note before."""
    free = PRINCIPALS.c.issuer.is_(None)
    return bool(await tx.execute(update(PRINCIPALS).where(*_is(owner), free).values(issuer=issuer, subject=subject)))


async def any_of(tx: Transaction, tenant: str) -> bool:
    """Say whether a tenant has a principal."""
    return bool(await tx.rows(select(PRINCIPALS.c.name).where(PRINCIPALS.c.tenant == tenant).limit(1)))


async def count(tx: Transaction, tenant: str = "") -> int:
    """Return how many principals there are, or how many of a tenant."""
    return await count_rows(tx, PRINCIPALS, *([PRINCIPALS.c.tenant == tenant] if tenant else []))


def _is(owner: Owner) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (PRINCIPALS.c.tenant == owner[0], PRINCIPALS.c.name == owner[1])


def _works_at(projects: Collection[str]) -> ColumnElement[bool]:
    same = (BINDINGS.c.tenant == PRINCIPALS.c.tenant, BINDINGS.c.principal == PRINCIPALS.c.name)
    return select(BINDINGS.c.role).where(*same, BINDINGS.c.project.in_(projects)).exists()


def _bound(owner: Owner) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (BINDINGS.c.tenant == owner[0], BINDINGS.c.principal == owner[1])


async def _one(tx: Transaction, *where: ColumnElement[bool]) -> StoredPrincipal | None:
    rows = await tx.rows(select(PRINCIPALS).where(*where))
    if not rows:
        return None
    row = rows[0]
    held = await _bindings(tx, *_bound((row["tenant"], row["name"])))
    proofs = {name: row[name] for name in ("password", "factor", "factor_begun", "factor_step")}
    return StoredPrincipal(principal=_principal(row, held), **proofs)


async def _bindings(tx: Transaction, *where: ColumnElement[bool]) -> Mapping[Owner, tuple[RoleBinding, ...]]:
    order = (BINDINGS.c.tenant, BINDINGS.c.principal, BINDINGS.c.project, BINDINGS.c.role)
    rows = await tx.rows(select(BINDINGS).where(*where).order_by(*order))
    grouped = groupby(rows, key=lambda row: (row["tenant"], row["principal"]))
    return {
        owner: tuple(RoleBinding(role=row["role"], project=row["project"]) for row in own) for owner, own in grouped
    }


async def _bind(tx: Transaction, principal: Principal) -> None:
    rows: list[dict[str, str]] = [
        {
            "tenant": principal.tenant,
            "principal": principal.name,
            "role": binding.role,
            "project": binding.project,
        }
        for binding in dict.fromkeys(principal.roles)
    ]
    if rows:
        await tx.execute(insert(BINDINGS), rows)


def _written(principal: Principal) -> dict[str, Any]:
    return {
        "kind": principal.kind,
        "title": principal.title,
        "email": principal.email or None,
        "attributes": msgspec.json.encode(principal.attributes).decode(),
        "suspended": principal.suspended,
    }


def _principal(row: RowMapping, held: Mapping[Owner, tuple[RoleBinding, ...]]) -> Principal:
    return Principal(
        tenant=row["tenant"],
        name=row["name"],
        kind=row["kind"],
        title=row["title"],
        email=row["email"] or "",
        roles=held.get((row["tenant"], row["name"]), ()),
        attributes=msgspec.json.decode(row["attributes"], type=dict[str, Attribute]),
        suspended=row["suspended"],
        created_at=row["created_at"],
        has_password=bool(row["password"]),
        has_second_factor=bool(row["factor"]),
        subject=f"{row['issuer']} {row['subject']}" if row["issuer"] else "",
        seen_at=row["seen_at"],
    )
