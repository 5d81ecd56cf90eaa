"""Models over REST."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.notes import note_made
from tulou.chassis.rest.paging import PageLimit
from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import (
    GetSigningKey,
    ImportModel,
    ImportStarted,
    ListModels,
    ListVersions,
    Model,
    ModelPage,
    NameModel,
    NameVersion,
    RemoveAlias,
    SetAlias,
    SigningKey,
    Verification,
    Version,
    VersionPage,
)
from tulou.kernel.message import message

Number = Annotated[int | None, Query(ge=1, le=999_999_999)]


@message
class AliasTarget:
    """The number of the version that an alias shall name."""

    version: int


def router(registry: Registry) -> APIRouter:
    """Return the routes under `/api/v1/models`, and `/api/v1/signing-key`."""
    routes = APIRouter(prefix="/api/v1", tags=["registry"])
    _add_models(routes, registry)
    _add_versions(routes, registry)
    _add_aliases(routes, registry)
    return routes


def _add_models(routes: APIRouter, registry: Registry) -> None:
    @routes.get("/models", openapi_extra=permits("models:read", "model"))
    async def list_models(limit: PageLimit = 50, after: str = "") -> ModelPage:
        """Return a page of models, by name."""
        return await registry.models(ListModels(limit=limit, after=after))

    @routes.post("/models/import", status_code=202, openapi_extra=permits("models:write", "model", "import"))
    async def import_model(request: Request, body: ImportModel) -> ImportStarted:
        """Start a job that brings a folder or file on the control machine into the registry."""
        started = await registry.import_model(body)
        note_made(request, started.job)
        return started

    @routes.get("/models/{name}", openapi_extra=permits("models:read", "model", "{name}"))
    async def get_model(name: str) -> Model:
        """Return a model."""
        return await registry.model(NameModel(model=name))

    @routes.get("/signing-key", openapi_extra=permits("signing-key:read", "signing-key"))
    async def get_signing_key() -> SigningKey:
        """Return the public key that signatures are checked with."""
        return await registry.signing_key(GetSigningKey())

    _ = (list_models, import_model, get_model, get_signing_key)  # FastAPI holds them


def _add_versions(routes: APIRouter, registry: Registry) -> None:
    @routes.get("/models/{name}/versions", openapi_extra=permits("models:read", "model", "{name}/versions"))
    async def list_versions(name: str, limit: PageLimit = 50, after: Number = None) -> VersionPage:
        """Return a page of a model's versions, newest first."""
        return await registry.versions(ListVersions(model=name, limit=limit, after=after))

    @routes.get(
        "/models/{name}/versions/{reference}",
        openapi_extra=permits("models:read", "model", "{name}/versions/{reference}"),
    )
    async def get_version(name: str, reference: str) -> Version:
        """Return the version that a number or an alias names."""
        return await registry.resolve(NameVersion(model=name, reference=reference))

    @routes.post(
        "/models/{name}/versions/{reference}/verify",
        openapi_extra=permits("models:write", "model", "{name}/versions/{reference}/verify"),
    )
    async def verify_version(name: str, reference: str) -> Verification:
        """Read every file again and check digests and signature."""
        return await registry.verify(NameVersion(model=name, reference=reference))

    @routes.delete(
        "/models/{name}/versions/{reference}",
        status_code=204,
        openapi_extra=permits("models:write", "model", "{name}/versions/{reference}"),
    )
    async def delete_version(name: str, reference: str) -> None:
        """Remove a version that no alias names."""
        await registry.delete_version(NameVersion(model=name, reference=reference))

    _ = (list_versions, get_version, verify_version, delete_version)  # FastAPI holds them


def _add_aliases(routes: APIRouter, registry: Registry) -> None:
    @routes.put(
        "/models/{name}/aliases/{alias}", openapi_extra=permits("models:write", "model", "{name}/aliases/{alias}")
    )
    async def set_alias(name: str, alias: str, body: AliasTarget) -> Model:
        """Make or move an alias."""
        return await registry.set_alias(SetAlias(model=name, alias=alias, version=body.version))

    @routes.delete(
        "/models/{name}/aliases/{alias}",
        status_code=204,
        openapi_extra=permits("models:write", "model", "{name}/aliases/{alias}"),
    )
    async def remove_alias(name: str, alias: str) -> None:
        """Take an alias away."""
        await registry.remove_alias(RemoveAlias(model=name, alias=alias))

    _ = (set_alias, remove_alias)  # FastAPI holds them
