"""Tenants, projects and principals."""

from collections.abc import Mapping, Sequence

from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import (
    ListPrincipals,
    ListProjects,
    ListTenants,
    NamePrincipal,
    NameProject,
    NameTenant,
    Principal,
    Project,
    PutPrincipal,
    Tenant,
)
from tulou.services.configuration.domain.document import Entry, PrincipalEntry, ProjectEntry, TenantEntry
from tulou.services.configuration.kinds.kind import ResourceKind, fields_of

PAGE = 500


class IdentityResources:
    """What identity owns."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def kinds(self) -> Mapping[str, ResourceKind]:
        """Return the kinds by section."""
        return {
            "tenants": ResourceKind(read=self._tenants, put=self._put_tenant, delete=self._delete_tenant),
            "projects": ResourceKind(read=self._projects, put=self._put_project, delete=self._delete_project),
            "principals": ResourceKind(
                read=self._principals,
                put=self._put_principal,
                delete=self._delete_principal,
                restore=self._restore_principal,
            ),
        }

    async def _tenants(self) -> Sequence[Entry]:
        found = (await self._identity.tenants(ListTenants())).items
        return [TenantEntry(name=one.name, title=one.title, suspended=one.suspended) for one in found]

    async def _put_tenant(self, entry: TenantEntry, before: Entry | None) -> object:
        del before
        return await self._identity.put_tenant(Tenant(name=entry.name, title=entry.title, suspended=entry.suspended))

    async def _delete_tenant(self, entry: TenantEntry) -> object:
        return await self._identity.delete_tenant(NameTenant(name=entry.name))

    async def _projects(self) -> Sequence[Entry]:
        found = (await self._identity.projects(ListProjects())).items
        return [ProjectEntry(name=one.name, tenant=one.tenant, title=one.title) for one in found]

    async def _put_project(self, entry: ProjectEntry, before: Entry | None) -> object:
        del before
        return await self._identity.put_project(Project(tenant=entry.tenant, name=entry.name, title=entry.title))

    async def _delete_project(self, entry: ProjectEntry) -> object:
        return await self._identity.delete_project(NameProject(tenant=entry.tenant, name=entry.name))

    async def _principals(self) -> Sequence[Entry]:
        found: list[Principal] = []
        after = ""
        while True:
            page = await self._identity.principals(ListPrincipals(limit=PAGE, after=after))
            found += page.items
            if page.next is None:
                return [PrincipalEntry(**fields_of(one, PrincipalEntry)) for one in found]
            after = page.next

    async def _put_principal(self, entry: PrincipalEntry, before: Entry | None) -> object:
        """Make or change somebody; a password that there is stays."""
        del before
        return await self._identity.put_principal(PutPrincipal(**fields_of(entry, PrincipalEntry)))

    async def _restore_principal(self, entry: PrincipalEntry, *, at: float, whole: bool) -> object:
        """Make somebody again who was deleted, with their keys."""
        fields = fields_of(entry, PutPrincipal)
        return await self._identity.put_principal(PutPrincipal(**fields, restore=at, whole=whole))

    async def _delete_principal(self, entry: PrincipalEntry) -> object:
        return await self._identity.delete_principal(NamePrincipal(tenant=entry.tenant, name=entry.name))
