"""Tenants and projects over REST."""

from fastapi import APIRouter

from tulou.chassis.rest.declared import permits
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import (
    ListProjects,
    ListTenants,
    NameProject,
    NameTenant,
    Project,
    ProjectList,
    Tenant,
    TenantList,
)
from tulou.kernel.message import Done, message


@message
class TenantBody:
    """What a tenant is called, and why nobody of it may do anything, if so."""

    title: str = ""
    suspended: str = ""


@message
class ProjectBody:
    """What a project is called."""

    title: str = ""


def routes(identity: Identity) -> APIRouter:
    """Return the routes `/tenants` and `/projects`."""
    router = APIRouter()

    @router.get("/tenants", openapi_extra=permits("tenants:read", "tenant"))
    async def list_tenants() -> TenantList:
        """Return the tenants that you may see, by name."""
        return await identity.tenants(ListTenants())

    @router.get(
        "/tenants/{name}", openapi_extra=permits("tenants:read", "tenant", "{name}", tenant="path", tenant_in="name")
    )
    async def get_tenant(name: str) -> Tenant:
        """Return a tenant."""
        return await identity.tenant(NameTenant(name=name))

    @router.put(
        "/tenants/{name}", openapi_extra=permits("tenants:write", "tenant", "{name}", tenant="path", tenant_in="name")
    )
    async def put_tenant(name: str, body: TenantBody) -> Tenant:
        """Make or change a tenant; a new one gets the project `default`."""
        return await identity.put_tenant(Tenant(name=name, title=body.title, suspended=body.suspended))

    @router.delete(
        "/tenants/{name}", openapi_extra=permits("tenants:write", "tenant", "{name}", tenant="path", tenant_in="name")
    )
    async def delete_tenant(name: str) -> Done:
        """Remove a tenant that has neither principals nor valid keys."""
        return await identity.delete_tenant(NameTenant(name=name))

    @router.get("/projects", openapi_extra=permits("projects:read", "project", tenant="query"))
    async def list_projects(tenant: str = "") -> ProjectList:
        """Return the projects of a tenant, or of all that you may see."""
        return await identity.projects(ListProjects(tenant=tenant))

    @router.get(
        "/projects/{tenant}/{name}", openapi_extra=permits("projects:read", "project", "{tenant}/{name}", tenant="path")
    )
    async def get_project(tenant: str, name: str) -> Project:
        """Return a project."""
        return await identity.project(NameProject(tenant=tenant, name=name))

    @router.put(
        "/projects/{tenant}/{name}",
        openapi_extra=permits("projects:write", "project", "{tenant}/{name}", tenant="path"),
    )
    async def put_project(tenant: str, name: str, body: ProjectBody) -> Project:
        """Make or change a project."""
        return await identity.put_project(Project(tenant=tenant, name=name, title=body.title))

    @router.delete(
        "/projects/{tenant}/{name}",
        openapi_extra=permits("projects:write", "project", "{tenant}/{name}", tenant="path"),
    )
    async def delete_project(tenant: str, name: str) -> Done:
        """Remove a project that has no valid keys, and the roles held at it."""
        return await identity.delete_project(NameProject(tenant=tenant, name=name))

    _ = (list_tenants, get_tenant, put_tenant, delete_tenant, list_projects, get_project, put_project, delete_project)
    return router
