"""Messages about principals that were deleted and may come back, or were erased and may not."""

from tulou.contracts.identity.messages import PrincipalKind
from tulou.kernel.message import message


@message
class ListDeleted:
    """Principals that were deleted and may come back, the last deleted first; empty filters mean any."""

    tenant: str = ""
    name: str = ""
    since: float = 0.0
    limit: int = 500


@message
class DeletedPrincipal:
    """A principal that may come back until `kept_until`, with so many keys."""

    id: str
    tenant: str
    name: str
    kind: PrincipalKind
    deleted_at: float
    deleted_by: str
    kept_until: float
    keys: int


@message
class DeletedPrincipals:
    """Those that may come back."""

    items: tuple[DeletedPrincipal, ...]


@message
class ListErased:
    """Which of these principals, each `<tenant>/<name>`, were erased since a time: they do not come back."""

    names: tuple[str, ...]
    since: float = 0.0


@message
class ErasedPrincipals:
    """Their names."""

    names: tuple[str, ...]
