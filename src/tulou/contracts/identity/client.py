"""Identity, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.identity.api import AUTHENTICATE, CREATE_KEY, GRANTS, KEY, KEYS, REVOKE_KEY
from tulou.contracts.identity.messages import (
    Authenticate,
    CreatedKey,
    CreateKey,
    GrantList,
    Identified,
    Key,
    KeyPage,
    ListGrants,
    ListKeys,
    NameKey,
)
from tulou.contracts.transport import Transport


@dataclass(frozen=True, slots=True)
class IdentityClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def create_key(self, request: CreateKey) -> CreatedKey:
        """Make a key; its secret is in the reply and nowhere else."""
        return await self.transport.call(CREATE_KEY, request)

    async def key(self, request: NameKey) -> Key:
        """Return a key; raise `NotFoundError` for an unknown id."""
        return await self.transport.call(KEY, request)

    async def keys(self, request: ListKeys) -> KeyPage:
        """Return a page of keys."""
        return await self.transport.call(KEYS, request)

    async def revoke_key(self, request: NameKey) -> Key:
        """End a key for ever; ending it twice is no error."""
        return await self.transport.call(REVOKE_KEY, request)

    async def authenticate(self, request: Authenticate) -> Identified:
        """Return who a secret proves to be; raise `UnauthenticatedError` if it is unknown, expired or revoked."""
        return await self.transport.call(AUTHENTICATE, request)

    async def grants(self, request: ListGrants) -> GrantList:
        """Return all valid keys for the data plane."""
        return await self.transport.call(GRANTS, request)
