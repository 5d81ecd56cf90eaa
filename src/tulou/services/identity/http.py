"""Keys over REST."""

from typing import Annotated

from fastapi import APIRouter, Query

from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import CreatedKey, CreateKey, Key, KeyPage, ListKeys, NameKey
from tulou.kernel.context import CONTEXT


def router(identity: Identity) -> APIRouter:
    """Return the routes `/api/v1/keys` and `/api/v1/me`."""
    routes = APIRouter(prefix="/api/v1", tags=["identity"])

    @routes.get("/keys")
    async def list_keys(
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        after: str = "",
        *,
        revoked: bool = False,
    ) -> KeyPage:
        """Return a page of keys, newest first."""
        return await identity.keys(ListKeys(limit=limit, after=after, revoked=revoked))

    @routes.post("/keys", status_code=201)
    async def create_key(body: CreateKey) -> CreatedKey:
        """Make a key; this reply is the only time that its secret is said."""
        return await identity.create_key(body)

    @routes.get("/keys/{key_id}")
    async def get_key(key_id: str) -> Key:
        """Return a key."""
        return await identity.key(NameKey(id=key_id))

    @routes.delete("/keys/{key_id}")
    async def revoke_key(key_id: str) -> Key:
        """End a key for ever."""
        return await identity.revoke_key(NameKey(id=key_id))

    @routes.get("/me")
    async def get_me() -> Key:
        """Return the key that asks."""
        return await identity.key(NameKey(id=CONTEXT.get().key))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_keys, create_key, get_key, revoke_key, get_me)
    return routes
