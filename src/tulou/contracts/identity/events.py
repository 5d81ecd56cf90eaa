"""Facts of identity."""

from tulou.kernel.message import message

KEY_CREATED = "identity.key_created"
KEY_REVOKED = "identity.key_revoked"
TENANT_CHANGED = "identity.tenant_changed"
PROJECT_CHANGED = "identity.project_changed"
PRINCIPAL_CHANGED = "identity.principal_changed"


@message
class KeyCreated:
    """A key exists."""

    key: str


@message
class KeyRevoked:
    """A key must not be let in any more."""

    key: str


@message
class TenantChanged:
    """A tenant was made, changed or removed."""

    name: str


@message
class ProjectChanged:
    """A project was made, changed or removed."""

    tenant: str
    name: str


@message
class PrincipalChanged:
    """A principal was made, changed or removed: its roles, its right to act."""

    tenant: str
    name: str
