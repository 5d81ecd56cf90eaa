"""Settings of the identity service: the [identity] table."""

from tulou.kernel.message import message


@message
class IdentitySettings:
    """How many keys there may be.

    max_keys: how many valid keys a house may have; all of them are in every gateway's memory
    """

    max_keys: int = 10_000
