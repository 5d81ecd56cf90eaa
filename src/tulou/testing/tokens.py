"""The port `TokenEndpoint` for houses that ask nobody for tokens."""

from collections.abc import Mapping

from tulou.kernel.errors import UnavailableError
from tulou.ports.token_endpoint import TokenReply


class NoTokens:
    """Gives none."""

    async def exchange(self, url: str, form: Mapping[str, str], *, timeout_s: float) -> TokenReply:
        """Raise `UnavailableError`."""
        del form, timeout_s
        raise UnavailableError(f"nobody gives tokens at {url}")
