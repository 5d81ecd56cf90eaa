"""The use cases of the identity service."""

import hmac

from tulou.chassis.outbox import Outbox
from tulou.contracts.identity.events import KEY_CREATED, KEY_REVOKED, KeyCreated, KeyRevoked
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
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import LimitedError, NotFoundError, UnauthenticatedError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database, Transaction
from tulou.services.identity import domain, store
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store import StoredKey


class IdentityService:
    """Keys, kept in the database; implements `contracts.identity.Identity`.

    Nothing is cached here: every answer is the database's of this moment, so a revoked key is refused at once.
    """

    def __init__(self, database: Database, outbox: Outbox, *, clock: Clock, settings: IdentitySettings) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def create_key(self, request: CreateKey) -> CreatedKey:
        """Make a key; its secret is in the reply and nowhere else."""
        now = self._clock.now()
        domain.check_create(request, now=now)
        secret = domain.new_secret()
        key = _new_key(request, prefix=secret.prefix, now=now)
        stored = StoredKey(key=key, digest=secret.digest)
        async with self._database.transaction() as tx:
            if await store.count_valid(tx, now=now) >= self._settings.max_keys:
                most = self._settings.max_keys
                raise LimitedError(f"there are {most} valid keys already ([identity] max_keys); revoke some")
            await store.add(tx, stored, created_by=CONTEXT.get().principal)
            await self._outbox.add(tx, KEY_CREATED, KeyCreated(key=key.id))
        return CreatedKey(key=key, secret=secret.text)

    async def key(self, request: NameKey) -> Key:
        """Return a key; raise `NotFoundError` for an unknown id."""
        async with self._database.reading() as tx:
            return await _get(tx, request.id)

    async def keys(self, request: ListKeys) -> KeyPage:
        """Return a page of keys; those that were revoked only when asked for."""
        domain.page_limit(request.limit)
        async with self._database.reading() as tx:
            found = await store.page(tx, request)
        items = tuple(found[: request.limit])
        return KeyPage(items=items, next=items[-1].id if len(found) > request.limit else None)

    async def revoke_key(self, request: NameKey) -> Key:
        """End a key for ever; ending it twice is no error."""
        async with self._database.transaction() as tx:
            if await store.revoke(tx, request.id, at=self._clock.now()):
                await self._outbox.add(tx, KEY_REVOKED, KeyRevoked(key=request.id))
            return await _get(tx, request.id)

    async def authenticate(self, request: Authenticate) -> Identified:
        """Return who a secret proves to be; raise `UnauthenticatedError` if it is unknown, expired or revoked."""
        if not domain.looks_like_a_secret(request.secret):
            raise UnauthenticatedError("this is not a key of this house; they look like sk-tulou-...")
        digest = domain.digest_of(request.secret)
        async with self._database.reading() as tx:
            stored = await store.find_by_digest(tx, digest)
        if stored is None or not hmac.compare_digest(stored.digest, digest):
            raise UnauthenticatedError("this key is unknown here; `tulou keys create` makes one")
        if why := domain.why_not_valid(stored.key, now=self._clock.now()):
            raise UnauthenticatedError(f"the key {stored.key.prefix}... is {why}; ask for a new one")
        key = stored.key
        return Identified(key=key.id, tenant=key.tenant, principal=key.principal, scopes=key.scopes)

    async def grants(self, request: ListGrants) -> GrantList:  # noqa: ARG002 - the contract's shape
        """Return all valid keys for the data plane."""
        async with self._database.reading() as tx:
            found = await store.grants(tx, now=self._clock.now(), limit=self._settings.max_keys)
        return GrantList(items=tuple(found))


def _new_key(request: CreateKey, *, prefix: str, now: float) -> Key:
    return Key(
        id=new_id("key"),
        name=request.name,
        prefix=prefix,
        tenant=request.tenant,
        principal=request.principal,
        scopes=request.scopes,
        models=request.models,
        created_at=now,
        expires_at=request.expires_at,
    )


async def _get(tx: Transaction, key_id: str) -> Key:
    key = await store.find(tx, key_id)
    if key is None:
        raise NotFoundError(f"no key {key_id!r}; `tulou keys list` shows those there are", param="id")
    return key
