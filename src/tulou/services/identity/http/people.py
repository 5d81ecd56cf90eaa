"""Principals over REST: people and programs, their sessions, their second factors."""

from collections.abc import Mapping
from dataclasses import field

from fastapi import APIRouter

from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.paging import PageLimit
from tulou.contracts.governance.messages import Attribute
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.deletions import DeletedPrincipals, ListDeleted
from tulou.contracts.identity.messages import (
    EndSessions,
    ListPrincipals,
    ListSessions,
    NamePrincipal,
    Principal,
    PrincipalKind,
    PrincipalPage,
    PutPrincipal,
    RemoveSecondFactor,
    RoleBinding,
    SessionList,
)
from tulou.kernel.message import Done, message


@message
class PrincipalBody:
    """All that can be said of a principal; a `password` of null leaves the one there is."""

    kind: PrincipalKind = "user"
    title: str = ""
    email: str = ""
    roles: tuple[RoleBinding, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    suspended: str = ""
    password: str | None = None


def routes(identity: Identity) -> APIRouter:
    """Return the routes `/principals`."""
    router = APIRouter()

    @router.get("/principals", openapi_extra=permits("principals:read", "principal", tenant="query"))
    async def list_principals(tenant: str = "", limit: PageLimit = 50, after: str = "") -> PrincipalPage:
        """Return a page of principals, by name."""
        return await identity.principals(ListPrincipals(tenant=tenant, limit=limit, after=after))

    @router.get(
        "/principals/{tenant}/{name}",
        openapi_extra=permits("principals:read", "principal", "{tenant}/{name}", tenant="path"),
    )
    async def get_principal(tenant: str, name: str) -> Principal:
        """Return a principal."""
        return await identity.principal(NamePrincipal(tenant=tenant, name=name))

    @router.put(
        "/principals/{tenant}/{name}",
        openapi_extra=permits("principals:write", "principal", "{tenant}/{name}", tenant="path"),
    )
    async def put_principal(tenant: str, name: str, body: PrincipalBody) -> Principal:
        """Make or change a principal; a new password ends its sessions."""
        return await identity.put_principal(_whole(tenant, name, body))

    @router.delete(
        "/principals/{tenant}/{name}",
        openapi_extra=permits("principals:write", "principal", "{tenant}/{name}", tenant="path"),
    )
    async def delete_principal(tenant: str, name: str) -> Done:
        """Remove a principal, with its sessions and keys; a rollback brings back it and them for a while."""
        return await identity.delete_principal(NamePrincipal(tenant=tenant, name=name))

    @router.post(
        "/principals/{tenant}/{name}/erase",
        openapi_extra=permits("principals:write", "principal", "{tenant}/{name}/erase", tenant="path"),
    )
    async def erase_principal(tenant: str, name: str) -> Done:
        """Remove a principal for ever, deleted or not: nothing known of it stays, and nothing brings it back."""
        return await identity.erase_principal(NamePrincipal(tenant=tenant, name=name))

    @router.get("/principals/deleted", openapi_extra=permits("principals:read", "principal", "deleted", tenant="query"))
    async def list_deleted_principals(tenant: str = "", name: str = "") -> DeletedPrincipals:
        """Return principals that were deleted and may come back by a rollback, the last first."""
        return await identity.deleted(ListDeleted(tenant=tenant, name=name))

    _ = (list_principals, get_principal, put_principal, delete_principal)
    _ = (erase_principal, list_deleted_principals)
    _add_proofs(router, identity)
    return router


def _add_proofs(router: APIRouter, identity: Identity) -> None:
    """Add what keepers of a tenant may do about its people's sessions and second factors."""

    @router.get(
        "/principals/{tenant}/{name}/sessions",
        openapi_extra=permits("principals:read", "principal", "{tenant}/{name}/sessions", tenant="path"),
    )
    async def list_sessions(tenant: str, name: str) -> SessionList:
        """Return the sessions of a principal, newest first."""
        return await identity.sessions(ListSessions(tenant=tenant, principal=name))

    @router.delete(
        "/principals/{tenant}/{name}/sessions",
        openapi_extra=permits("principals:write", "principal", "{tenant}/{name}/sessions", tenant="path"),
    )
    async def end_sessions(tenant: str, name: str) -> Done:
        """Sign a principal out everywhere."""
        return await identity.end_sessions(EndSessions(tenant=tenant, principal=name))

    @router.delete(
        "/principals/{tenant}/{name}/second-factor",
        openapi_extra=permits("principals:write", "principal", "{tenant}/{name}/second-factor", tenant="path"),
    )
    async def remove_second_factor_of(tenant: str, name: str) -> Done:
        """Remove somebody's authenticator, who has lost it."""
        return await identity.remove_second_factor(RemoveSecondFactor(tenant=tenant, principal=name))

    _ = (list_sessions, end_sessions, remove_second_factor_of)


def _whole(tenant: str, name: str, body: PrincipalBody) -> PutPrincipal:
    return PutPrincipal(
        tenant=tenant,
        name=name,
        kind=body.kind,
        title=body.title,
        email=body.email,
        roles=body.roles,
        attributes=body.attributes,
        suspended=body.suspended,
        password=body.password,
    )
