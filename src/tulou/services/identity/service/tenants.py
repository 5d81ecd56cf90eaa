"""Tenants and their projects."""

from dataclasses import replace

from tulou.contracts.identity.events import PROJECT_CHANGED, TENANT_CHANGED, ProjectChanged, TenantChanged
from tulou.contracts.identity.messages import (
    ListProjects,
    NameProject,
    NameTenant,
    Project,
    ProjectList,
    Tenant,
    TenantList,
)
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, ForbiddenError, LimitedError, NotFoundError
from tulou.kernel.message import Done
from tulou.ports.database import Transaction
from tulou.services.identity.domain.names import DEFAULT, check_line, check_name
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.store import keys, principals, tenants


class Tenants:
    """The house's operators make tenants; a tenant's administrators make its projects."""

    def __init__(self, room: UseCaseContext) -> None:
        self._room = room

    async def tenant(self, request: NameTenant) -> Tenant:
        """Return a tenant; raise `NotFoundError` for an unknown one."""
        (await self._room.reach()).check_tenant(request.name)
        async with self._room.database.reading() as tx:
            return await _tenant(tx, request.name)

    async def tenants(self) -> TenantList:
        """Return the tenants that the caller may see."""
        reach = await self._room.reach()
        async with self._room.database.reading() as tx:
            found = await tenants.tenants(tx, reach.tenant(""), limit=self._room.settings.max_tenants)
        return TenantList(items=tuple(found))

    async def put_tenant(self, request: Tenant) -> Tenant:
        """Make or change a tenant; a new one gets the project `default`."""
        check_tenant(request)
        (await self._room.reach()).check_house()
        if request.suspended and request.name in (DEFAULT, CONTEXT.get().tenant):
            raise ConflictError(f"tenant {request.name!r} runs this house, or is your own; suspend people instead")
        async with self._room.database.transaction() as tx:
            before = await tenants.find(tx, request.name)
            if before is None:
                await self._check_room(tx)
            made = replace(request, created_at=before.created_at if before else self._room.clock.now())
            await tenants.put(tx, made)
            if before is None:
                await tenants.put_project(tx, Project(tenant=made.name, name=DEFAULT, created_at=made.created_at))
            await self._tell(tx, made.name)
        return made

    async def delete_tenant(self, request: NameTenant) -> Done:
        """Remove a tenant; raise `ConflictError` while it has valid keys or principals."""
        (await self._room.reach()).check_house()
        if request.name == DEFAULT:
            raise ConflictError("the tenant `default` is always there")
        async with self._room.database.transaction() as tx:
            await _tenant(tx, request.name)
            if await principals.any_of(tx, request.name) or await keys.any_valid(
                tx, request.name, now=self._room.clock.now()
            ):
                raise ConflictError(f"tenant {request.name!r} has principals or valid keys; remove them first")
            await tenants.remove(tx, request.name)
            await self._tell(tx, request.name)
        return Done()

    async def project(self, request: NameProject) -> Project:
        """Return a project; raise `NotFoundError` for an unknown one."""
        reach = await self._room.reach()
        reach.check_tenant(request.tenant)
        names = reach.projects("projects:read")
        if names is not None and request.name not in names:
            raise ForbiddenError(f"you reach {', '.join(names) or 'no project'} of this tenant alone", param="name")
        async with self._room.database.reading() as tx:
            return await _project(tx, request)

    async def projects(self, request: ListProjects) -> ProjectList:
        """Return projects."""
        reach = await self._room.reach()
        tenant, names = reach.tenant(request.tenant), reach.projects("projects:read")
        most = self._room.settings.max_projects * (1 if tenant else self._room.settings.max_tenants)
        async with self._room.database.reading() as tx:
            return ProjectList(items=tuple(await tenants.projects(tx, tenant, names=names, limit=most)))

    async def put_project(self, request: Project) -> Project:
        """Make or change a project; raise `NotFoundError` for an unknown tenant."""
        check_project(request)
        await self._check_projects(request.tenant)
        async with self._room.database.transaction() as tx:
            await _tenant(tx, request.tenant)
            before = await tenants.find_project(tx, request.tenant, request.name)
            if before is None and await tenants.count_projects(tx, request.tenant) >= self._room.settings.max_projects:
                most = self._room.settings.max_projects
                raise LimitedError(f"tenant {request.tenant!r} has {most} projects already ([identity] max_projects)")
            made = replace(request, created_at=before.created_at if before else self._room.clock.now())
            await tenants.put_project(tx, made)
            await self._tell_project(tx, made.tenant, made.name)
        return made

    async def delete_project(self, request: NameProject) -> Done:
        """Remove a project; raise `ConflictError` while it has valid keys."""
        await self._check_projects(request.tenant)
        if request.name == DEFAULT:
            raise ConflictError("the project `default` of each tenant is always there")
        async with self._room.database.transaction() as tx:
            await _project(tx, request)
            if await keys.any_valid(tx, request.tenant, request.name, now=self._room.clock.now()):
                raise ConflictError(f"project {request.name!r} has valid keys; revoke them first")
            await tenants.remove_project(tx, request.tenant, request.name)
            await self._tell_project(tx, request.tenant, request.name)
        return Done()

    async def _check_projects(self, tenant: str) -> None:
        """Raise `ForbiddenError` unless the caller keeps the projects of this tenant, as a whole."""
        reach = await self._room.reach()
        reach.check_tenant(tenant)
        if reach.projects("projects:write") is not None:
            raise ForbiddenError(
                "you keep no more than a project of this tenant; its administrators make and remove them"
            )

    async def _check_room(self, tx: Transaction) -> None:
        most = self._room.settings.max_tenants
        if await tenants.count(tx) >= most:
            raise LimitedError(f"there are {most} tenants already ([identity] max_tenants)")

    async def _tell(self, tx: Transaction, name: str) -> None:
        await self._room.outbox.add(tx, TENANT_CHANGED, TenantChanged(name=name), tenant=name)

    async def _tell_project(self, tx: Transaction, tenant: str, name: str) -> None:
        await self._room.outbox.add(tx, PROJECT_CHANGED, ProjectChanged(tenant=tenant, name=name), tenant=tenant)


def check_project(request: Project) -> None:
    """Raise `InvalidError` for a project that cannot be."""
    check_name("name", request.name)
    check_line("title", request.title)


def check_tenant(request: Tenant) -> None:
    """Raise `InvalidError` for a tenant that cannot be."""
    check_name("name", request.name)
    check_line("title", request.title)
    check_line("suspended", request.suspended)


async def _tenant(tx: Transaction, name: str) -> Tenant:
    found = await tenants.find(tx, name)
    if found is None:
        raise NotFoundError(f"no tenant {name!r}; `tulou tenants list` shows those there are", param="tenant")
    return found


async def _project(tx: Transaction, request: NameProject) -> Project:
    found = await tenants.find_project(tx, request.tenant, request.name)
    if found is None:
        words = f"no project {request.name!r} in tenant {request.tenant!r}; `tulou projects list` shows those there are"
        raise NotFoundError(words, param="name")
    return found
