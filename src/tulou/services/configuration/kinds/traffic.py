"""Upstreams, deployments and routes."""

import asyncio
from collections.abc import Mapping, Sequence

from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import ListRoutes, NameRoute, Route
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import (
    ChangeDeployment,
    DeleteDeployment,
    Deployment,
    DeploymentSpec,
    ListDeployments,
    NameDeployment,
)
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import (
    AddCredential,
    ListUpstreams,
    NameCredential,
    NameUpstream,
    RestoreCredentials,
    Upstream,
    UpstreamSpec,
)
from tulou.kernel.errors import NotFoundError
from tulou.services.configuration.domain.document import CredentialEntry, Entry, UpstreamEntry
from tulou.services.configuration.kinds.kind import ResourceKind, fields_of

LEAVING_POLL_S = 0.1


class UpstreamResources:
    """What upstreams owns. Credentials that are sealed are not declared: they are neither made nor removed here."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams

    def kinds(self) -> Mapping[str, ResourceKind]:
        """Return the kinds by section."""
        return {"upstreams": ResourceKind(read=self._read, put=self._put, delete=self._delete, restore=self._restore)}

    async def _read(self) -> Sequence[Entry]:
        return [_upstream(one) for one in (await self._upstreams.upstreams(ListUpstreams())).items]

    async def _put(self, entry: UpstreamEntry, before: Entry | None) -> object:
        del before
        there = await self._upstreams.put_upstream(UpstreamSpec(**fields_of(entry, UpstreamSpec)))
        known = {one.name: one for one in there.credentials}
        for wanted in entry.credentials:
            if wanted.name not in known or known[wanted.name].reference != wanted.reference:
                await self._upstreams.add_credential(
                    AddCredential(upstream=entry.name, name=wanted.name, reference=wanted.reference)
                )
        names = {wanted.name for wanted in entry.credentials}
        for credential in there.credentials:
            if credential.reference and credential.name not in names:
                await self._upstreams.delete_credential(NameCredential(id=credential.id))
        return there

    async def _restore(self, entry: UpstreamEntry, *, at: float, whole: bool) -> object:
        """Make an account again, with the sealed credentials that it had."""
        del whole
        await self._put(entry, None)
        return await self._upstreams.restore_credentials(RestoreCredentials(upstream=entry.name, since=at))

    async def _delete(self, entry: UpstreamEntry) -> object:
        return await self._upstreams.delete_upstream(NameUpstream(name=entry.name))


class ServingResources:
    """What serving and routing own."""

    def __init__(self, serving: Serving, routing: Routing) -> None:
        self._serving = serving
        self._routing = routing

    def kinds(self) -> Mapping[str, ResourceKind]:
        """Return the kinds by section."""
        return {
            "deployments": ResourceKind(read=self._deployments, put=self._deploy, delete=self._delete_deployment),
            "routes": ResourceKind(read=self._routes, put=self._put_route, delete=self._delete_route),
        }

    async def _deployments(self) -> Sequence[Entry]:
        found = (await self._serving.deployments(ListDeployments())).items
        return [one.spec for one in found if one.state != "deleting"]

    async def _deploy(self, entry: DeploymentSpec, before: Entry | None) -> object:
        if before is not None:
            return await self._serving.change(ChangeDeployment(**fields_of(entry, ChangeDeployment)))
        await self._wait_until_gone(entry.name)
        return await self._serving.deploy(entry)

    async def _delete_deployment(self, entry: DeploymentSpec) -> object:
        return await self._serving.delete(DeleteDeployment(name=entry.name))

    async def _routes(self) -> Sequence[Entry]:
        found = await self._routing.routes(ListRoutes())
        return [route for route in found.items if route.model not in found.implicit]

    async def _put_route(self, entry: Route, before: Entry | None) -> object:
        del before
        return await self._routing.put_route(entry)

    async def _delete_route(self, entry: Route) -> object:
        return await self._routing.delete_route(NameRoute(model=entry.model))

    async def _wait_until_gone(self, name: str) -> None:
        """Wait for a deployment of that name that drains; whoever calls sets the deadline."""
        while (there := await self._find(name)) is not None and there.state == "deleting":  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(LEAVING_POLL_S)

    async def _find(self, name: str) -> Deployment | None:
        try:
            return await self._serving.deployment(NameDeployment(name=name))
        except NotFoundError:
            return None


def _upstream(upstream: Upstream) -> UpstreamEntry:
    references = (one for one in upstream.credentials if one.reference)
    credentials = tuple(CredentialEntry(name=one.name, reference=one.reference) for one in references)
    return UpstreamEntry(**fields_of(upstream.spec, UpstreamSpec), credentials=credentials)
