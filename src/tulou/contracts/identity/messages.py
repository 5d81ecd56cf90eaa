"""Messages of the identity contract."""

from typing import Literal

from tulou.kernel.message import message

Scope = Literal["inference", "admin"]


@message
class CreateKey:
    """A key for a principal; `expires_at` in Unix seconds; `models` are names or patterns such as `demo-*`."""

    name: str
    principal: str = "admin"
    tenant: str = "default"
    scopes: tuple[Scope, ...] = ("inference",)
    models: tuple[str, ...] = ("*",)
    expires_at: float | None = None


@message
class Key:
    """A key as it may be shown: `prefix` is the start of the secret, the secret itself is not kept."""

    id: str
    name: str
    prefix: str
    tenant: str
    principal: str
    scopes: tuple[Scope, ...]
    models: tuple[str, ...]
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None


@message
class CreatedKey:
    """The only time the secret is said."""

    key: Key
    secret: str


@message
class NameKey:
    """Which key is meant, by id."""

    id: str


@message
class ListKeys:
    """A page of keys, newest first; `after` is the last id seen."""

    limit: int = 50
    after: str = ""
    revoked: bool = False


@message
class KeyPage:
    """Keys, and the `next` to ask after; None at the end."""

    items: tuple[Key, ...]
    next: str | None = None


@message
class Authenticate:
    """The secret that came with a request."""

    secret: str


@message
class Identified:
    """Who a secret proves to be."""

    key: str
    tenant: str
    principal: str
    scopes: tuple[Scope, ...]


@message
class ListGrants:
    """All that is valid now."""


@message
class KeyGrant:
    """What the data plane needs of a valid key: SHA-256 of the secret in hex, whose it is, what it may."""

    key: str
    digest: str
    tenant: str
    principal: str
    scopes: tuple[Scope, ...]
    models: tuple[str, ...]
    expires_at: float | None


@message
class GrantList:
    """Every key that is neither revoked nor expired."""

    items: tuple[KeyGrant, ...]
