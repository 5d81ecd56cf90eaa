"""All SQL of the governance service."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
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
    delete,
    func,
    insert,
    select,
    update,
)

from tulou.contracts.governance.messages import AuditEntry, AuditRecord, ListAudit, Policy, Role
from tulou.kernel.message import message
from tulou.ports.database import Transaction

METADATA = MetaData()

ROLES = Table(
    "governance_roles",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("permissions", Text, nullable=False),
    Column("house", Boolean, nullable=False),
)

POLICIES = Table(
    "governance_policies",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
)

LAWS = Table(
    "governance_laws",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""One row: a number that grows with every change of a role or a policy, in the change's own transaction."""

AUDIT = Table(
    "governance_audit",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(128), nullable=False),
    Column("at", Float, nullable=False),
    Column("tenant", String(128), nullable=False),
    Column("principal", String(128), nullable=False),
    Column("action", String(128), nullable=False),
    Column("resource", String(512), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("code", String(128), nullable=False),
    Column("key", String(128), nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("reason", String(512), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("id", name="governance_audit_id"),
    Index("governance_audit_tenant", "tenant", "sequence"),
    Index("governance_audit_principal", "principal", "sequence"),
    Index("governance_audit_at", "at"),
)
"""Inserted into and read; only refusals are ever removed (`checkpoints.py`), and the database refuses all else."""

HEADS = Table(
    "governance_heads",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)


@message
class Head:
    """The last record of the trail."""

    sequence: int
    hash: str


async def version(tx: Transaction) -> int:
    """Return the version of the laws."""
    return (await tx.rows(select(LAWS.c.version)))[0]["version"]


async def raise_version(tx: Transaction) -> None:
    """Say that the laws have changed; whoever else changes them waits until this transaction ends."""
    await tx.execute(update(LAWS).values(version=LAWS.c.version + 1))


async def roles(tx: Transaction) -> Sequence[Role]:
    """Return the roles that are not built in, by name."""
    rows = await tx.rows(select(ROLES).order_by(ROLES.c.name))
    return [_role(row) for row in rows]


async def put_role(tx: Transaction, role: Role) -> None:
    """Write a role in the place of the one with its name."""
    await tx.execute(delete(ROLES).where(ROLES.c.name == role.name))
    permissions = msgspec.json.encode(role.permissions).decode()
    row = {"name": role.name, "title": role.title, "permissions": permissions, "house": role.house}
    await tx.execute(insert(ROLES).values(**row))


async def delete_role(tx: Transaction, name: str) -> bool:
    """Remove a role; return whether there was one."""
    return await tx.execute(delete(ROLES).where(ROLES.c.name == name)) == 1


async def policies(tx: Transaction) -> Sequence[Policy]:
    """Return all policies by name."""
    rows = await tx.rows(select(POLICIES).order_by(POLICIES.c.name))
    return [Policy(**row) for row in rows]


async def put_policy(tx: Transaction, policy: Policy) -> None:
    """Write a policy in the place of the one with its name."""
    await tx.execute(delete(POLICIES).where(POLICIES.c.name == policy.name))
    row = {name: getattr(policy, name) for name in Policy.__dataclass_fields__}
    await tx.execute(insert(POLICIES).values(**row))


async def delete_policy(tx: Transaction, name: str) -> bool:
    """Remove a policy; return whether there was one."""
    return await tx.execute(delete(POLICIES).where(POLICIES.c.name == name)) == 1


async def hold_head(tx: Transaction) -> Head:
    """Return the head, which nobody else moves until this transaction ends.

    Written, as it is, before it is read: that is a lock on every database.
    """
    await tx.execute(update(HEADS).values(sequence=HEADS.c.sequence))
    return await head(tx)


async def head(tx: Transaction) -> Head:
    """Return the head as it is."""
    rows = await tx.rows(select(HEADS.c.sequence, HEADS.c.hash).where(HEADS.c.name == "audit"))
    return Head(sequence=rows[0]["sequence"], hash=rows[0]["hash"])


async def known(tx: Transaction, ids: Sequence[str]) -> set[str]:
    """Return those of these ids that the trail has already."""
    rows = await tx.rows(select(AUDIT.c.id).where(AUDIT.c.id.in_(ids)))
    return {row["id"] for row in rows}


async def append(tx: Transaction, records: Sequence[AuditRecord]) -> None:
    """Add records behind the head, and move it."""
    await tx.execute(insert(AUDIT), [_row(record) for record in records])
    last = records[-1]
    await tx.execute(update(HEADS).where(HEADS.c.name == "audit").values(sequence=last.sequence, hash=last.hash))


async def record(tx: Transaction, sequence: int) -> AuditRecord | None:
    """Return the record at a place, or None."""
    rows = await tx.rows(select(AUDIT).where(AUDIT.c.sequence == sequence))
    return read_record(rows[0]) if rows else None


async def walk(tx: Transaction, *, after: int, limit: int) -> Sequence[AuditRecord]:
    """Return the records that follow on a place, in their order."""
    rows = await tx.rows(select(AUDIT).where(AUDIT.c.sequence > after).order_by(AUDIT.c.sequence).limit(limit))
    return [read_record(row) for row in rows]


async def page(tx: Transaction, request: ListAudit) -> Sequence[AuditRecord]:
    """Return one record more than a page holds."""
    place = AUDIT.c.sequence
    query = select(AUDIT).where(*_filters(request)).limit(request.limit + 1)
    if request.oldest_first:
        query = query.where(place > request.after).order_by(place)
    else:
        query = query.order_by(place.desc())
        if request.after:
            query = query.where(place < request.after)
    return [read_record(row) for row in await tx.rows(query)]


async def count_roles(tx: Transaction) -> int:
    """Return how many roles there are beside the built-in ones."""
    return (await tx.rows(select(func.count().label("n")).select_from(ROLES)))[0]["n"]


async def count_policies(tx: Transaction) -> int:
    """Return how many policies there are."""
    return (await tx.rows(select(func.count().label("n")).select_from(POLICIES)))[0]["n"]


def read_record(row: RowMapping) -> AuditRecord:
    """Return a row of the trail as a record."""
    entry = AuditEntry(**{name: row[name] for name in AuditEntry.__dataclass_fields__})
    return AuditRecord(sequence=row["sequence"], entry=entry, previous=row["previous"], hash=row["hash"])


def _filters(request: ListAudit) -> list[ColumnElement[bool]]:
    wanted = {"tenant": request.tenant, "principal": request.principal, "action": request.action}
    exact = [AUDIT.c[name] == value for name, value in wanted.items() if value]
    if request.outcome:
        exact.append(AUDIT.c.outcome == request.outcome)
    if request.changes:
        exact.append(AUDIT.c.action.endswith(":write"))
    if request.since is not None:
        exact.append(AUDIT.c.at >= request.since)
    if request.until is not None:
        exact.append(AUDIT.c.at < request.until)
    return exact


def _row(record: AuditRecord) -> dict[str, object]:
    entry = {name: getattr(record.entry, name) for name in AuditEntry.__dataclass_fields__}
    return {"sequence": record.sequence, **entry, "previous": record.previous, "hash": record.hash}


def _role(row: RowMapping) -> Role:
    permissions = msgspec.json.decode(row["permissions"], type=tuple[str, ...])
    return Role(name=row["name"], title=row["title"], permissions=permissions, house=row["house"])
