"""Facts of governance."""

from tulou.kernel.message import message

POLICY_CHANGED = "governance.policy_changed"
ROLE_CHANGED = "governance.role_changed"


@message
class PolicyChanged:
    """A policy was made, replaced or removed."""

    name: str


@message
class RoleChanged:
    """A role was made, replaced or removed."""

    name: str
