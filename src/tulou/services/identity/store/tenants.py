"""Tenants and their projects in the database."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, delete, select

from tulou.chassis import upserts
from tulou.chassis.rows import count_rows, find_row, read_as, values_of
from tulou.contracts.identity.messages import Project, Tenant
from tulou.ports.database import Transaction
from tulou.services.identity.store.tables import BINDINGS, PROJECTS, TENANTS


async def find(tx: Transaction, name: str) -> Tenant | None:
    """Return a tenant, or None."""
    return await find_row(tx, select(TENANTS).where(TENANTS.c.name == name), _tenant)


async def tenants(tx: Transaction, name: str, *, limit: int) -> Sequence[Tenant]:
    """Return tenants by name: the one that is named, or all."""
    query = select(TENANTS).order_by(TENANTS.c.name).limit(limit)
    return [_tenant(row) for row in await tx.rows(query.where(TENANTS.c.name == name) if name else query)]


async def put(tx: Transaction, tenant: Tenant) -> None:
    """Write a tenant over the one there is, or insert it."""
    row = values_of(tenant)
    await upserts.put(tx, TENANTS, row, keep=["created_at"])


async def remove(tx: Transaction, name: str) -> bool:
    """Remove a tenant with its projects; return whether there was one."""
    await tx.execute(delete(PROJECTS).where(PROJECTS.c.tenant == name))
    return bool(await tx.execute(delete(TENANTS).where(TENANTS.c.name == name)))


async def find_project(tx: Transaction, tenant: str, name: str) -> Project | None:
    """Return a project, or None."""
    return await find_row(tx, select(PROJECTS).where(PROJECTS.c.tenant == tenant, PROJECTS.c.name == name), _project)


async def projects(tx: Transaction, tenant: str, *, names: Sequence[str] | None, limit: int) -> Sequence[Project]:
    """Return projects by tenant and name; `names` are those to look among, None for any."""
    query = select(PROJECTS).order_by(PROJECTS.c.tenant, PROJECTS.c.name).limit(limit)
    if tenant:
        query = query.where(PROJECTS.c.tenant == tenant)
    if names is not None:
        query = query.where(PROJECTS.c.name.in_(names))
    return [_project(row) for row in await tx.rows(query)]


async def put_project(tx: Transaction, project: Project) -> None:
    """Write a project over the one there is, or insert it."""
    row = values_of(project)
    await upserts.put(tx, PROJECTS, row, keep=["created_at"])


async def remove_project(tx: Transaction, tenant: str, name: str) -> bool:
    """Remove a project and the roles held at it; return whether there was one."""
    await tx.execute(delete(BINDINGS).where(BINDINGS.c.tenant == tenant, BINDINGS.c.project == name))
    return bool(await tx.execute(delete(PROJECTS).where(PROJECTS.c.tenant == tenant, PROJECTS.c.name == name)))


async def count(tx: Transaction) -> int:
    """Return how many tenants there are."""
    return await count_rows(tx, TENANTS)


async def count_projects(tx: Transaction, tenant: str) -> int:
    """Return how many projects a tenant has."""
    return await count_rows(tx, PROJECTS, PROJECTS.c.tenant == tenant)


def _tenant(row: RowMapping) -> Tenant:
    return read_as(Tenant, row)


def _project(row: RowMapping) -> Project:
    return read_as(Project, row)
