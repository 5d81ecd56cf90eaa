"""Roles, policies, and their version."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import RowMapping, delete, select, update

from tulou.chassis import upserts
from tulou.chassis.rows import count_rows, values_of
from tulou.contracts.governance.messages import Policy, Role
from tulou.ports.database import Transaction
from tulou.services.governance.store.tables import LAWS, POLICIES, ROLES


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
    permissions = msgspec.json.encode(role.permissions).decode()
    row = {"name": role.name, "title": role.title, "permissions": permissions, "house": role.house}
    await upserts.put(tx, ROLES, row)


async def delete_role(tx: Transaction, name: str) -> bool:
    """Remove a role; return whether there was one."""
    return await tx.execute(delete(ROLES).where(ROLES.c.name == name)) == 1


async def policies(tx: Transaction) -> Sequence[Policy]:
    """Return all policies by name."""
    rows = await tx.rows(select(POLICIES).order_by(POLICIES.c.name))
    return [Policy(**row) for row in rows]


async def put_policy(tx: Transaction, policy: Policy) -> None:
    """Write a policy in the place of the one with its name."""
    await upserts.put(tx, POLICIES, values_of(policy))


async def delete_policy(tx: Transaction, name: str) -> bool:
    """Remove a policy; return whether there was one."""
    return await tx.execute(delete(POLICIES).where(POLICIES.c.name == name)) == 1


async def count_roles(tx: Transaction) -> int:
    """Return how many roles there are beside the built-in ones."""
    return await count_rows(tx, ROLES)


async def count_policies(tx: Transaction) -> int:
    """Return how many policies there are."""
    return await count_rows(tx, POLICIES)


def _role(row: RowMapping) -> Role:
    permissions = msgspec.json.decode(row["permissions"], type=tuple[str, ...])
    return Role(name=row["name"], title=row["title"], permissions=permissions, house=row["house"])
