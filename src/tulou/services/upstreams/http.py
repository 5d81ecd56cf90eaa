"""Vendors, upstreams and credentials over REST; nothing here ever answers with a secret."""

from collections.abc import Mapping
from dataclasses import field

from fastapi import APIRouter, Request

from tulou.chassis.cascade import RemovedResource
from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.notes import note_made, take_along
from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import (
    AddCredential,
    AuthStyle,
    Capability,
    Credential,
    ListProviders,
    ListUpstreams,
    NameCredential,
    NameUpstream,
    ProviderList,
    Upstream,
    UpstreamList,
    UpstreamSpec,
)
from tulou.kernel.message import Done, message


@message
class UpstreamBody:
    """An upstream without its name, which the path says."""

    provider: str
    base_url: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    dialect: UpstreamDialect | None = None
    auth: AuthStyle | None = None
    capabilities: tuple[Capability, ...] | None = None
    paths: Mapping[str, str] | None = None
    headers: tuple[tuple[str, str], ...] = ()


@message
class CredentialBody:
    """A secret, which is sealed at once and never shown again, or a reference to where it lies."""

    name: str = "default"
    secret: str = ""
    reference: str = ""


@message
class CredentialList:
    """The credentials of one upstream, in the order in which they were made."""

    items: tuple[Credential, ...]


def router(upstreams: Upstreams) -> APIRouter:
    """Return the routes `/api/v1/providers`, `/api/v1/upstreams` and `/api/v1/credentials`."""
    routes = APIRouter(prefix="/api/v1", tags=["upstreams"])

    @routes.get("/providers", openapi_extra=permits("providers:read", "provider"))
    async def list_providers() -> ProviderList:
        """Return the vendors that are known."""
        return await upstreams.providers(ListProviders())

    @routes.get("/upstreams", openapi_extra=permits("upstreams:read", "upstream"))
    async def list_upstreams() -> UpstreamList:
        """Return all upstreams with their credentials' states."""
        return await upstreams.upstreams(ListUpstreams())

    @routes.get("/upstreams/{name}", openapi_extra=permits("upstreams:read", "upstream", "{name}"))
    async def get_upstream(name: str) -> Upstream:
        """Return one upstream."""
        return await upstreams.upstream(NameUpstream(name=name))

    @routes.put("/upstreams/{name}", openapi_extra=permits("upstreams:write", "upstream", "{name}"))
    async def put_upstream(name: str, body: UpstreamBody) -> Upstream:
        """Make or replace an upstream; its credentials stay."""
        return await upstreams.put_upstream(_spec(name, body))

    @routes.delete("/upstreams/{name}", openapi_extra=permits("upstreams:write", "upstream", "{name}"))
    async def delete_upstream(name: str, request: Request) -> Done:
        """Remove an upstream and its credentials; sealed ones come back by a rollback for a while."""
        credentials = (await upstreams.upstream(NameUpstream(name=name))).credentials
        take_along(request, [_went(one) for one in credentials])
        return await upstreams.delete_upstream(NameUpstream(name=name))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_providers, list_upstreams, get_upstream, put_upstream, delete_upstream)
    _add_credentials(routes, upstreams)
    return routes


def _add_credentials(routes: APIRouter, upstreams: Upstreams) -> None:
    @routes.get(
        "/upstreams/{name}/credentials", openapi_extra=permits("upstreams:read", "upstream", "{name}/credentials")
    )
    async def list_credentials(name: str) -> CredentialList:
        """Return the credentials of an upstream, without what they are."""
        return CredentialList(items=(await upstreams.upstream(NameUpstream(name=name))).credentials)

    @routes.post(
        "/upstreams/{name}/credentials",
        status_code=201,
        openapi_extra=permits("upstreams:write", "upstream", "{name}/credentials", secret=True),
    )
    async def add_credential(request: Request, name: str, body: CredentialBody) -> Credential:
        """Keep a credential, or replace the one of that name."""
        credential = await upstreams.add_credential(
            AddCredential(upstream=name, name=body.name, secret=body.secret, reference=body.reference)
        )
        note_made(request, credential.id)
        return credential

    @routes.post(
        "/credentials/{credential}/revive",
        openapi_extra=permits("credentials:write", "credential", "{credential}/revive", secret=True),
    )
    async def revive_credential(request: Request, credential: str) -> Credential:
        """Use a retired credential again."""
        revived = await upstreams.revive_credential(NameCredential(id=credential))
        note_made(request, revived.id)
        return revived

    @routes.delete(
        "/credentials/{credential}", openapi_extra=permits("credentials:write", "credential", "{credential}")
    )
    async def delete_credential(credential: str) -> Done:
        """Forget a credential."""
        return await upstreams.delete_credential(NameCredential(id=credential))

    _ = (list_credentials, add_credential, revive_credential, delete_credential)


def _went(credential: Credential) -> RemovedResource:
    detail = {"upstream": credential.upstream, "name": credential.name}
    return RemovedResource(noun="credentials", name=credential.id, way="delete", detail=detail)


def _spec(name: str, body: UpstreamBody) -> UpstreamSpec:
    return UpstreamSpec(name=name, **{field_: getattr(body, field_) for field_ in UpstreamBody.__dataclass_fields__})
