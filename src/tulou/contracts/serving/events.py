"""Facts of serving."""

from tulou.kernel.message import message

DEPLOYMENT_CHANGED = "serving.deployment_changed"
DEPLOYMENT_DELETED = "serving.deployment_deleted"


@message
class DeploymentChanged:
    """A deployment was made, or is wanted otherwise now."""

    name: str
    generation: int


@message
class DeploymentDeleted:
    """A deployment and all its replicas are gone."""

    name: str
