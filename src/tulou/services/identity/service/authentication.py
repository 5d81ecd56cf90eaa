"""Who is behind a secret, and what they may: asked for every request to the administration."""

import hmac

from tulou.contracts.identity.messages import Authenticate, Identified, Key, Me, Principal, RoleBinding, Session, Tenant
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ForbiddenError, UnauthenticatedError
from tulou.ports.database import Transaction
from tulou.rules.rights.nouns import UNSEEN
from tulou.services.identity.domain.keys import why_not_valid
from tulou.services.identity.domain.names import DEFAULT
from tulou.services.identity.domain.permissions import flat
from tulou.services.identity.domain.secrets import digest_of, looks_like_a_key, looks_like_a_session
from tulou.services.identity.domain.standing import further_projects, is_over, project_of, roles_at, why_blocked
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.store import keys, principals, sessions, tenants

OUT_OF_SIGHT = tuple(f"-{noun}:*" for noun in sorted(UNSEEN))
"""What no role gives that ends at a tenant, said like what a role takes away."""

TOUCH_S = 60.0
"""How exactly it is known when a session was used: often enough to end idle ones, seldom enough to write little."""


class Authentication:
    """Nothing is remembered: every answer is the database's of this moment, so what was ended is refused at once."""

    def __init__(self, room: UseCaseContext) -> None:
        self._room = room

    async def authenticate(self, request: Authenticate) -> Identified:
        """Return who a key or a session proves to be."""
        if looks_like_a_session(request.secret):
            return await self._by_session(digest_of(request.secret))
        if looks_like_a_key(request.secret):
            return await self._by_key(digest_of(request.secret))
        raise UnauthenticatedError("this is not a key of this house; they look like sk-tulou-...")

    async def me(self) -> Me:
        """Return who asks and what they may; raise `UnauthenticatedError` where nobody does."""
        who = CONTEXT.get()
        known = await self._room.roles()
        async with self._room.database.reading() as tx:
            person = await principals.find(tx, who.tenant, who.principal)
            key = await keys.find(tx, who.key) if who.key else None
        if person is None:
            raise UnauthenticatedError("nobody is known to ask this; sign in, or bring a key")
        principal = person.principal
        project = who.project or project_of(principal.roles)
        held = roles_at(principal.roles, project)
        found = [known[role] for role in held if role in known]
        house = any(role.house for role in found)
        return Me(
            tenant=principal.tenant,
            principal=principal.name,
            project=project,
            kind=principal.kind,
            title=principal.title,
            email=principal.email,
            key=who.key,
            session=who.session,
            scopes=key.scopes if key else ("admin", "inference"),
            roles=held,
            permissions=(*flat(found), *(() if house else OUT_OF_SIGHT)),
            house=house,
            has_password=principal.has_password,
            has_second_factor=principal.has_second_factor,
        )

    async def _by_key(self, digest: str) -> Identified:
        async with self._room.database.reading() as tx:
            stored = await keys.find_by_digest(tx, digest)
            if stored is None or not hmac.compare_digest(stored.digest, digest):
                raise UnauthenticatedError("this key is unknown here; `tulou keys create` makes one")
            if why := why_not_valid(stored.key, now=self._room.clock.now()):
                next_step = (
                    f"`tulou keys enable {stored.key.id}` lets it in" if why == "disabled" else "ask for a new one"
                )
                raise UnauthenticatedError(f"the key {stored.key.prefix}... is {why}; {next_step}")
            principal = await _acting(tx, stored.key.tenant, stored.key.principal)
        return _by_key(stored.key, principal)

    async def _by_session(self, digest: str) -> Identified:
        now = self._room.clock.now()
        async with self._room.database.reading() as tx:
            session = await sessions.find_by_digest(tx, digest)
            if session is None or is_over(session, now=now, idle_s=self._room.settings.session_idle_s):
                raise UnauthenticatedError("this session has ended; sign in again")
            principal = await _acting(tx, session.tenant, session.principal)
        if principal is None:
            raise UnauthenticatedError("this session has ended; sign in again")
        await self._touch(session, now)
        return _by_session(session, principal)

    async def _touch(self, session: Session, now: float) -> None:
        if now - session.seen_at >= TOUCH_S:
            async with self._room.database.transaction() as tx:
                await sessions.touch(tx, session.id, at=now)
                await principals.seen(tx, (session.tenant, session.principal), at=now)


async def _acting(tx: Transaction, tenant_name: str, name: str) -> Principal | None:
    """Return a principal that may act, None if it is not there; raise `ForbiddenError` if it may not."""
    person = await principals.find(tx, tenant_name, name)
    tenant = await tenants.find(tx, tenant_name)
    check_acting(tenant, person.principal if person else None)
    return person.principal if person else None


def check_acting(tenant: Tenant | None, principal: Principal | None) -> None:
    """Raise `ForbiddenError` that names why somebody may do nothing now."""
    if why := why_blocked(tenant, principal):
        raise ForbiddenError(f"{why}; ask who runs this house")


def _by_key(key: Key, principal: Principal | None) -> Identified:
    held: tuple[RoleBinding, ...] = principal.roles if principal else ()
    return Identified(
        key=key.id,
        tenant=key.tenant,
        principal=key.principal,
        scopes=key.scopes,
        project=key.project,
        kind=principal.kind if principal else "service",
        roles=roles_at(held, key.project),
        attributes=principal.attributes if principal else {},
        tenant_roles=roles_at(held, ""),
        models=key.models,
    )


def _by_session(session: Session, principal: Principal) -> Identified:
    project = project_of(principal.roles)
    return Identified(
        key="",
        tenant=session.tenant,
        principal=session.principal,
        scopes=("admin", "inference"),
        session=session.id,
        project=project or DEFAULT,
        kind=principal.kind,
        roles=roles_at(principal.roles, project),
        attributes=principal.attributes,
        tenant_roles=roles_at(principal.roles, ""),
        projects=further_projects(principal.roles, project),
    )
