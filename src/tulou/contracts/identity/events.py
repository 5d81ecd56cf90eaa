"""Facts of identity."""

from tulou.kernel.message import message

KEY_CREATED = "identity.key_created"
KEY_REVOKED = "identity.key_revoked"


@message
class KeyCreated:
    """A key exists."""

    key: str


@message
class KeyRevoked:
    """A key must not be let in any more."""

    key: str
