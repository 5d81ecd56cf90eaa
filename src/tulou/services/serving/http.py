"""Deployments over REST."""

from collections.abc import Mapping
from typing import Literal

from fastapi import APIRouter

from tulou.chassis.rest.declared import permits
from tulou.contracts.discovery.entry import RequestDefaults
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import (
    ChangeDeployment,
    DeleteDeployment,
    Deployment,
    DeploymentList,
    DeploymentSpec,
    ListDeployments,
    NameDeployment,
    OptionValue,
    RestartDeployment,
    ServedTask,
    UpstreamTarget,
)
from tulou.kernel.message import Done, message


@message
class DeploymentChange:
    """What is to change; what is left out stays."""

    model: str | None = None
    reference: str | None = None
    engine: str | None = None
    replicas: int | None = None
    concurrency: int | None = None
    context_length: int | None = None
    options: Mapping[str, OptionValue] | None = None
    upstreams: tuple[UpstreamTarget, ...] | None = None
    task: ServedTask | Literal[""] | None = None
    start_deadline_s: float | None = None
    drain_deadline_s: float | None = None
    defaults: RequestDefaults | None = None


def router(serving: Serving) -> APIRouter:
    """Return the routes under `/api/v1/deployments`."""
    routes = APIRouter(prefix="/api/v1/deployments", tags=["deployments"])

    @routes.get("", openapi_extra=permits("deployments:read", "deployment"))
    async def list_deployments() -> DeploymentList:
        """Return all deployments with their replicas."""
        return await serving.deployments(ListDeployments())

    @routes.post("", status_code=201, openapi_extra=permits("deployments:write", "deployment"))
    async def create_deployment(body: DeploymentSpec) -> Deployment:
        """Make a deployment; its replicas follow."""
        return await serving.deploy(body)

    @routes.get("/{name}", openapi_extra=permits("deployments:read", "deployment", "{name}"))
    async def get_deployment(name: str) -> Deployment:
        """Return a deployment with its replicas."""
        return await serving.deployment(NameDeployment(name=name))

    @routes.patch("/{name}", openapi_extra=permits("deployments:write", "deployment", "{name}"))
    async def change_deployment(name: str, body: DeploymentChange) -> Deployment:
        """Change what is given; replicas of another kind take the place of those there are, one by one."""
        changes = {field: getattr(body, field) for field in DeploymentChange.__dataclass_fields__}
        return await serving.change(ChangeDeployment(name=name, **changes))

    @routes.delete("/{name}", openapi_extra=permits("deployments:write", "deployment", "{name}"))
    async def delete_deployment(name: str, *, force: bool = False) -> Done:
        """Drain and remove; with `force`, end everything at once."""
        return await serving.delete(DeleteDeployment(name=name, force=force))

    @routes.post("/{name}/restart", openapi_extra=permits("deployments:write", "deployment", "{name}/restart"))
    async def restart_deployment(name: str) -> Done:
        """Replace all replicas, one by one."""
        return await serving.restart(RestartDeployment(name=name))

    @routes.post(
        "/{name}/replicas/{replica}/restart",
        openapi_extra=permits("deployments:write", "deployment", "{name}/replicas/{replica}/restart"),
    )
    async def restart_replica(name: str, replica: str) -> Done:
        """Replace one replica."""
        return await serving.restart(RestartDeployment(name=name, replica=replica))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_deployments, create_deployment, get_deployment, change_deployment, delete_deployment)
    _ = (restart_deployment, restart_replica)
    return routes
