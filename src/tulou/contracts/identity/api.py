"""Identity: who is behind a key, and what it may do."""

from typing import Protocol

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
from tulou.kernel.operation import Operation

CREATE_KEY = Operation("identity.create_key", CreateKey, CreatedKey)
KEY = Operation("identity.key", NameKey, Key)
KEYS = Operation("identity.keys", ListKeys, KeyPage)
REVOKE_KEY = Operation("identity.revoke_key", NameKey, Key)
AUTHENTICATE = Operation("identity.authenticate", Authenticate, Identified)
GRANTS = Operation("identity.grants", ListGrants, GrantList)


class Identity(Protocol):
    """Keys and those they stand for."""

    async def create_key(self, request: CreateKey) -> CreatedKey:
        """Make a key; its secret is in the reply and nowhere else."""
        ...

    async def key(self, request: NameKey) -> Key:
        """Return a key; raise `NotFoundError` for an unknown id."""
        ...

    async def keys(self, request: ListKeys) -> KeyPage:
        """Return a page of keys."""
        ...

    async def revoke_key(self, request: NameKey) -> Key:
        """End a key for ever; ending it twice is no error."""
        ...

    async def authenticate(self, request: Authenticate) -> Identified:
        """Return who a secret proves to be; raise `UnauthenticatedError` if it is unknown, expired or revoked."""
        ...

    async def grants(self, request: ListGrants) -> GrantList:
        """Return all valid keys for the data plane."""
        ...
