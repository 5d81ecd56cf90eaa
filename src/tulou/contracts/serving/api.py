"""Serving: keeps deployments as they are wanted, with replicas that other services find through discovery."""

from typing import Protocol

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
from tulou.kernel.message import Done, Rejections


class Serving(Protocol):
    """Deployments and their replicas."""

    async def deploy(self, request: DeploymentSpec) -> Deployment:
        """Make a deployment; raise `ConflictError` for a taken name, `NotFoundError` for an unknown model."""
        ...

    async def change(self, request: ChangeDeployment) -> Deployment:
        """Change what is wanted; returns at once, the replicas follow."""
        ...

    async def deployment(self, request: NameDeployment) -> Deployment:
        """Return a deployment with its replicas; raise `NotFoundError` for an unknown name."""
        ...

    async def deployments(self, request: ListDeployments) -> DeploymentList:
        """Return all deployments with their replicas."""
        ...

    async def restart(self, request: RestartDeployment) -> Done:
        """Replace replicas without a failed request."""
        ...

    async def delete(self, request: DeleteDeployment) -> Done:
        """Drain and remove; with force it always works."""
        ...

    async def validate_deployments(self, request: ValidateDeployments) -> Rejections:
        """Say which deployments would be refused for what they say themselves, and why."""
        ...
