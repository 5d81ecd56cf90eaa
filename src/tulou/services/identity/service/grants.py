"""What gateways are told of valid keys, so that they can decide without asking anybody."""

from collections.abc import Mapping

from tulou.contracts.identity.messages import GrantList, KeyGrant, ListGrants, Principal, Tenant
from tulou.services.identity.domain.standing import roles_at, why_blocked
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.store import keys, principals, tenants
from tulou.services.identity.store.keys import StoredGrant
from tulou.services.identity.store.principals import Owner


async def grants(room: UseCaseContext, request: ListGrants) -> GrantList:
    """Return a page of valid keys with what their owners are and may."""
    async with room.database.reading() as tx:
        found = await keys.grants(tx, request, now=room.clock.now())
        people = await principals.some(tx, {(one.tenant, one.principal) for one in found})
        places = {tenant.name: tenant for tenant in await tenants.tenants(tx, "", limit=room.settings.max_tenants)}
    items = tuple(_grant(stored, people, places) for stored in found)
    return GrantList(items=items, next=items[-1].key if len(items) >= request.limit else None)


def _grant(stored: StoredGrant, people: Mapping[Owner, Principal], places: Mapping[str, Tenant]) -> KeyGrant:
    principal = people.get((stored.tenant, stored.principal))
    blocked = why_blocked(places.get(stored.tenant), principal)
    return KeyGrant(
        key=stored.key,
        digest=stored.digest,
        tenant=stored.tenant,
        principal=stored.principal,
        scopes=stored.scopes,
        models=stored.models,
        expires_at=stored.expires_at,
        project=stored.project,
        kind=principal.kind if principal else "service",
        roles=roles_at(principal.roles, stored.project) if principal else (),
        attributes=principal.attributes if principal else {},
        blocked=blocked or stored.disabled,
        disabled=bool(stored.disabled),
        makers=stored.makers,
    )
