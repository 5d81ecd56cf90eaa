"""Roles, policies and the audit trail over REST."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.paging import PageLimit
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import (
    AuditPage,
    AuditVerdict,
    Decide,
    Decision,
    ListAudit,
    ListPolicies,
    ListRoles,
    NamePolicy,
    NameRole,
    Outcome,
    Policy,
    PolicyList,
    PolicyResults,
    Role,
    RoleList,
    TryPolicies,
    VerifyAudit,
)
from tulou.kernel.errors import NotFoundError
from tulou.kernel.message import message

EXPORT_STEP = 500
SEQUENCE_CAP = 2**63 - 1

Moment = Annotated[float | None, Query(allow_inf_nan=False)]


@message
class RoleBody:
    """A role without its name, which the path says."""

    permissions: tuple[str, ...]
    title: str = ""
    house: bool = False


@message
class PolicyBody:
    """A policy without its name, which the path says."""

    text: str
    description: str = ""
    enabled: bool = True


def router(governance: Governance) -> APIRouter:
    """Return the routes `/api/v1/roles`, `/api/v1/policies` and `/api/v1/audit`."""
    routes = APIRouter(prefix="/api/v1")
    _add_roles(routes, governance)
    _add_policies(routes, governance)
    _add_audit(routes, governance)
    return routes


def _add_roles(routes: APIRouter, governance: Governance) -> None:
    tags: list[Any] = ["roles"]

    @routes.get("/roles", tags=tags, openapi_extra=permits("roles:read", "role"))
    async def list_roles() -> RoleList:
        """Return all roles, built-in ones first."""
        return await governance.roles(ListRoles())

    @routes.get("/roles/{name}", tags=tags, openapi_extra=permits("roles:read", "role", "{name}"))
    async def get_role(name: str) -> Role:
        """Return a role."""
        found = (role for role in (await governance.roles(ListRoles())).items if role.name == name)
        return next(found, None) or _missing("role", name)

    @routes.put("/roles/{name}", tags=tags, openapi_extra=permits("roles:write", "role", "{name}"))
    async def put_role(name: str, body: RoleBody) -> Role:
        """Make or replace a role."""
        role = Role(name=name, title=body.title, permissions=body.permissions, house=body.house)
        return await governance.put_role(role)

    @routes.delete("/roles/{name}", tags=tags, status_code=204, openapi_extra=permits("roles:write", "role", "{name}"))
    async def delete_role(name: str) -> None:
        """Remove a role; those who hold it lose what it permitted."""
        await governance.delete_role(NameRole(name=name))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_roles, get_role, put_role, delete_role)


def _add_policies(routes: APIRouter, governance: Governance) -> None:
    tags: list[Any] = ["policies"]

    @routes.get("/policies", tags=tags, openapi_extra=permits("policies:read", "policy"))
    async def list_policies() -> PolicyList:
        """Return all policies."""
        return await governance.policies(ListPolicies())

    @routes.post("/policies/try", tags=tags, openapi_extra=permits("policies:write", "policy", "try"))
    async def try_policies(body: TryPolicies) -> PolicyResults:
        """Decide cases with these policies, or with those in force; nothing is kept."""
        return await governance.try_policies(body)

    @routes.post("/policies/decide", tags=tags, openapi_extra=permits("policies:write", "policy", "decide"))
    async def decide_policies(body: Decide) -> Decision:
        """Decide one question with the roles and policies in force."""
        return await governance.decide(body)

    @routes.get("/policies/{name}", tags=tags, openapi_extra=permits("policies:read", "policy", "{name}"))
    async def get_policy(name: str) -> Policy:
        """Return a policy."""
        found = (policy for policy in (await governance.policies(ListPolicies())).items if policy.name == name)
        return next(found, None) or _missing("policy", name)

    @routes.put("/policies/{name}", tags=tags, openapi_extra=permits("policies:write", "policy", "{name}"))
    async def put_policy(name: str, body: PolicyBody) -> Policy:
        """Make or replace a policy; its text is checked, down to the names of attributes."""
        policy = Policy(name=name, text=body.text, description=body.description, enabled=body.enabled)
        return await governance.put_policy(policy)

    @routes.delete(
        "/policies/{name}", tags=tags, status_code=204, openapi_extra=permits("policies:write", "policy", "{name}")
    )
    async def delete_policy(name: str) -> None:
        """Remove a policy."""
        await governance.delete_policy(NamePolicy(name=name))

    _ = (list_policies, try_policies, decide_policies, get_policy, put_policy, delete_policy)


def _add_audit(routes: APIRouter, governance: Governance) -> None:
    tags: list[Any] = ["audit"]

    @routes.get("/audit", tags=tags, openapi_extra=permits("audit:read", "audit", tenant="query"))
    async def list_audit(  # noqa: PLR0913 - each is a filter
        *,
        limit: PageLimit = 50,
        after: Annotated[int, Query(ge=0, le=SEQUENCE_CAP)] = 0,
        tenant: str = "",
        principal: str = "",
        action: str = "",
        outcome: Outcome | None = None,
        since: Moment = None,
        until: Moment = None,
        oldest_first: bool = False,
        changes: bool = False,
    ) -> AuditPage:
        """Return a page of what was done or refused, newest first."""
        return await governance.audit(
            ListAudit(
                limit=limit,
                after=after,
                tenant=tenant,
                principal=principal,
                action=action,
                outcome=outcome,
                since=since,
                until=until,
                oldest_first=oldest_first,
                changes=changes,
            )
        )

    @routes.get("/audit/verify", tags=tags, openapi_extra=permits("audit:read", "audit", "verify"))
    async def verify_audit(
        after: Annotated[int, Query(ge=0, le=SEQUENCE_CAP)] = 0,
        head: str = "",
        most: Annotated[int, Query(ge=0, le=SEQUENCE_CAP)] = 0,
    ) -> AuditVerdict:
        """Recompute the chain; a long one in parts: `after` and `head` are the `next` and `head` of the part before."""
        return await governance.verify(VerifyAudit(after=after, head=head, most=most))

    @routes.get(
        "/audit/export",
        tags=tags,
        response_class=StreamingResponse,
        openapi_extra=permits("audit:read", "audit", "export", tenant="query"),
    )
    async def export_audit(tenant: str = "", since: Moment = None, until: Moment = None) -> StreamingResponse:
        """Stream records as JSON, one a line, oldest first; whole, they can be verified without this house."""
        first = ListAudit(limit=EXPORT_STEP, tenant=tenant, since=since, until=until, oldest_first=True, removed=True)
        return StreamingResponse(_lines(governance, first), media_type="application/x-ndjson")

    _ = (list_audit, verify_audit, export_audit)


async def _lines(governance: Governance, request: ListAudit) -> AsyncIterator[bytes]:
    while True:
        page = await governance.audit(request)
        yield b"".join(msgspec.json.encode(record) + b"\n" for record in page.items)
        if page.next is None:
            return
        request = replace(request, after=page.next)


def _missing(kind: str, name: str) -> Any:
    command = "policy" if kind == "policy" else "roles"
    raise NotFoundError(f"no {kind} {name!r}; `tulou {command} list` shows those there are", param="name")
