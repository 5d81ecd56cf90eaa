"""Where a vendor gives access tokens that last a while (RFC 6749, 3.2)."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class TokenReply(NamedTuple):
    """What was answered, whatever the status; `body` is bounded."""

    status: int
    body: bytes


class TokenEndpoint(Protocol):
    """Asks for tokens."""

    async def exchange(self, url: str, form: Mapping[str, str], *, timeout_s: float) -> TokenReply:
        """Post a form, all within so many seconds; raise `UnavailableError` when there is no whole answer."""
        ...
