"""What gateways are told of every valid key, so that they can decide without asking anybody."""

from collections.abc import Mapping

from tulou.contracts.identity.messages import GrantList, KeyGrant, Principal, Tenant
from tulou.services.identity.domain.standing import roles_at, why_blocked
from tulou.services.identity.service.room import Room
from tulou.services.identity.store import keys, principals, tenants
from tulou.services.identity.store.keys import StoredKey
from tulou.services.identity.store.principals import Owner


async def grants(room: Room) -> GrantList:
    """Return all valid keys with what their owners are and may."""
    settings = room.settings
    async with room.database.reading() as tx:
        found = await keys.valid(tx, now=room.clock.now(), limit=settings.max_keys)
        people = await principals.everybody(tx, limit=settings.max_principals)
        places = {tenant.name: tenant for tenant in await tenants.tenants(tx, "", limit=settings.max_tenants)}
    return GrantList(items=tuple(_grant(stored, people, places) for stored in found))


def _grant(stored: StoredKey, people: Mapping[Owner, Principal], places: Mapping[str, Tenant]) -> KeyGrant:
    key = stored.key
    principal = people.get((key.tenant, key.principal))
    return KeyGrant(
        key=key.id,
        digest=stored.digest,
        tenant=key.tenant,
        principal=key.principal,
        scopes=key.scopes,
        models=key.models,
        expires_at=key.expires_at,
        project=key.project,
        kind=principal.kind if principal else "service",
        roles=roles_at(principal.roles, key.project) if principal else (),
        attributes=principal.attributes if principal else {},
        blocked=why_blocked(places.get(key.tenant), principal),
    )
