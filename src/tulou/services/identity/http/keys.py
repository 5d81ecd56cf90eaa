"""Keys over REST."""

from fastapi import APIRouter
from starlette.requests import Request

from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.notes import note_made
from tulou.chassis.rest.paging import PageLimit
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import CreatedKey, CreateKey, Key, KeyPage, ListKeys, NameKey, Scope
from tulou.kernel.context import CONTEXT
from tulou.kernel.message import message


@message
class NewKey:
    """A key to make; whose it is, is the caller unless `tenant` and `principal` say otherwise."""

    name: str
    principal: str = ""
    tenant: str = ""
    scopes: tuple[Scope, ...] = ("inference",)
    models: tuple[str, ...] = ("*",)
    expires_at: float | None = None
    project: str = "default"


def routes(identity: Identity) -> APIRouter:
    """Return the routes `/keys`."""
    router = APIRouter()

    @router.get("/keys", openapi_extra=permits("keys:read", "key", tenant="query"))
    async def list_keys(
        limit: PageLimit = 50,
        after: str = "",
        *,
        revoked: bool = False,
        tenant: str = "",
        project: str = "",
        principal: str = "",
    ) -> KeyPage:
        """Return a page of keys, newest first."""
        return await identity.keys(
            ListKeys(limit=limit, after=after, revoked=revoked, tenant=tenant, project=project, principal=principal)
        )

    @router.post("/keys", status_code=201, openapi_extra=permits("keys:write", "key", tenant="body"))
    async def create_key(request: Request, body: NewKey) -> CreatedKey:
        """Make a key; this reply is the only time that its secret is said."""
        created = await identity.create_key(_of_caller(body))
        note_made(request, created.key.id)
        return created

    @router.get("/keys/{key_id}", openapi_extra=permits("keys:read", "key", "{key_id}"))
    async def get_key(key_id: str) -> Key:
        """Return a key."""
        return await identity.key(NameKey(id=key_id))

    @router.delete("/keys/{key_id}", openapi_extra=permits("keys:write", "key", "{key_id}"))
    async def revoke_key(key_id: str) -> Key:
        """End a key for ever."""
        return await identity.revoke_key(NameKey(id=key_id))

    @router.post("/keys/{key_id}/enable", openapi_extra=permits("keys:write", "key", "{key_id}/enable"))
    async def enable_key(request: Request, key_id: str) -> Key:
        """Let a key in again that came back disabled."""
        key = await identity.enable_key(NameKey(id=key_id))
        note_made(request, key.id)
        return key

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_keys, create_key, get_key, revoke_key, enable_key)
    return router


def _of_caller(body: NewKey) -> CreateKey:
    who = CONTEXT.get()
    return CreateKey(
        name=body.name,
        principal=body.principal or who.principal,
        tenant=body.tenant or who.tenant,
        scopes=body.scopes,
        models=body.models,
        expires_at=body.expires_at,
        project=body.project,
    )
