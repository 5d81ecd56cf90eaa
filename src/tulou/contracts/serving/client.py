"""Serving, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.serving.api import CHANGE, DELETE, DEPLOY, DEPLOYMENT, DEPLOYMENTS, RESTART, VALIDATE_DEPLOYMENTS
from tulou.contracts.serving.messages import (
    ChangeDeployment,
    DeleteDeployment,
    Deployment,
    DeploymentList,
    DeploymentSpec,
    ListDeployments,
    NameDeployment,
    RestartDeployment,
    ValidateDeployments,
)
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done, Rejections


@dataclass(frozen=True, slots=True)
class ServingClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def deploy(self, request: DeploymentSpec) -> Deployment:
        """Make a deployment; raise `ConflictError` for a taken name, `NotFoundError` for an unknown model."""
        return await self.transport.call(DEPLOY, request)

    async def change(self, request: ChangeDeployment) -> Deployment:
        """Change what is wanted; returns at once, the replicas follow."""
        return await self.transport.call(CHANGE, request)

    async def deployment(self, request: NameDeployment) -> Deployment:
        """Return a deployment with its replicas; raise `NotFoundError` for an unknown name."""
        return await self.transport.call(DEPLOYMENT, request)

    async def deployments(self, request: ListDeployments) -> DeploymentList:
        """Return all deployments with their replicas."""
        return await self.transport.call(DEPLOYMENTS, request)

    async def restart(self, request: RestartDeployment) -> Done:
        """Replace replicas without a failed request."""
        return await self.transport.call(RESTART, request)

    async def delete(self, request: DeleteDeployment) -> Done:
        """Drain and remove; with force it always works."""
        return await self.transport.call(DELETE, request)

    async def validate_deployments(self, request: ValidateDeployments) -> Rejections:
        """Say which deployments would be refused for what they say themselves, and why."""
        return await self.transport.call(VALIDATE_DEPLOYMENTS, request)
