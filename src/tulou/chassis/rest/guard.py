"""Who may ask for what: a caller is known by a key or a session, and governance decides about the route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.requests import Request

from tulou.chassis.rest.callers import address_of
from tulou.chassis.rest.declared import Declared, declared_of
from tulou.chassis.rest.identification import Identification, actor_of
from tulou.chassis.rest.places import take_place
from tulou.chassis.rest.resource import resource_of
from tulou.contracts.governance.messages import Decide, Decision, ProjectRoles, Subject
from tulou.contracts.identity.messages import Identified, Scope
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ForbiddenError
from tulou.rules.rights.nouns import WIDENING

Decider = Callable[[Decide], Awaitable[Decision]]

_UNDIVIDED = Decision(allowed=True, house=True)
"""Without governance, what a key's scope opens is the whole house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Stands before every route that is not public, and puts into the context who passed."""

    identify: Identification
    decide: Decider | None = None

    async def administration(self, request: Request) -> None:
        """Let a session pass, and a key with the scope `admin`, if roles and policies permit what the route does."""
        identified = await self._identify(request)
        _check_scope(identified, "admin", request)
        declared = _declared(request)
        _check_models(identified, declared.permission)
        await self._check(request, identified, declared, identified.projects)

    async def inference(self, request: Request) -> None:
        """Let a session pass, and a key with the scope `inference`, if roles and policies permit the use."""
        identified = await self._identify(request)
        declared = _declared(request)
        uses = declared.permission.endswith(":use")
        # the organization's figures are the administration's; whom governance lets read them may use any key
        if self.decide is None or uses:
            _check_scope(identified, "inference" if uses else "admin", request)
        await self._check(request, identified, declared, ())

    async def _identify(self, request: Request) -> Identified:
        identified = await self.identify(request)
        CONTEXT.set(
            replace(CONTEXT.get(), actor=actor_of(identified), project=identified.project, roles=identified.roles)
        )
        await take_place(request, identified.tenant)
        return identified

    async def _check(
        self, request: Request, identified: Identified, declared: Declared, further: tuple[ProjectRoles, ...]
    ) -> None:
        """Put into the context how far the request may reach: `further` are projects that it may act in as well."""
        decision = await self._decided(request, identified, declared, further)
        if not decision.allowed:
            asked = declared.permission
            raise ForbiddenError(
                f"{request.method} {request.scope['path']} needs the permission {asked}: {decision.why}; "
                "`tulou roles list` shows which roles have it"
            )
        known = CONTEXT.get()
        reach = {"house": decision.house, "tenant_wide": decision.tenant_wide, "projects": decision.projects}
        CONTEXT.set(replace(known, project=_acting_at(known.project, decision), **reach))

    async def _decided(
        self, request: Request, identified: Identified, declared: Declared, further: tuple[ProjectRoles, ...]
    ) -> Decision:
        if self.decide is None:
            return _UNDIVIDED
        if not declared.permission:
            return Decision(allowed=True)
        resource = await resource_of(request, declared, tenant=identified.tenant)
        subject = replace(_subject(identified), projects=further)
        context = {"method": request.method, "address": address_of(request)}
        ask = Decide(subject=subject, action=declared.permission, resource=resource, context=context)
        return await self.decide(ask)


def _declared(request: Request) -> Declared:
    """Return what the route of a request says that it asks for; one that says nothing is nobody's to use."""
    declared = declared_of(request.scope)
    if declared is None:
        raise ForbiddenError(f"{request.method} {request.scope['path']} does not say what it asks for; so nobody may")
    return declared


def _acting_at(project: str, decision: Decision) -> str:
    """Return the project that a request acts in: the caller's own, unless it is permitted in others alone."""
    elsewhere = decision.projects and project not in decision.projects
    return decision.projects[0] if elsewhere else project


def _subject(identified: Identified) -> Subject:
    return Subject(
        tenant=identified.tenant,
        principal=identified.principal,
        project=identified.project,
        kind=identified.kind,
        key=identified.key,
        roles=identified.roles,
        attributes=identified.attributes,
        tenant_roles=identified.tenant_roles,
    )


def _check_scope(identified: Identified, scope: Scope, request: Request) -> None:
    """Raise `ForbiddenError` for a key without the scope; of a session its holder's roles say it all."""
    if not identified.session and scope not in identified.scopes:
        has = ", ".join(identified.scopes)
        raise ForbiddenError(f"this key has the scope {has}; {request.scope['path']} asks for {scope}")


def _check_models(identified: Identified, action: str) -> None:
    """Raise `ForbiddenError` for a key for some models that would change what it, or a key it makes, may ask."""
    noun, _, verb = action.partition(":")
    if verb == "write" and noun in WIDENING and "*" not in identified.models:
        raise ForbiddenError(f"this key is for {', '.join(identified.models)} alone; changing {noun} takes one for all")
