"""The few questions that are asked of an OpenID provider over the network."""

from collections.abc import Mapping
from typing import Any, Protocol

Claims = Mapping[str, Any]
"""A JSON object of somebody else's: nothing about it is certain."""


class OpenIdProviders(Protocol):
    """Asks providers; raises `UnavailableError` when one does not answer, or not as a provider does."""

    async def document(self, url: str, *, bearer: str = "", timeout_s: float) -> Claims:
        """Return the JSON object at an address: a discovery document, a set of keys, what is known of a `bearer`."""
        ...

    async def exchange(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None, timeout_s: float
    ) -> Claims:
        """Return what a token endpoint answers to a form; `basic` are name and secret for HTTP's Basic scheme.

        Raise `UnauthenticatedError` where it refuses.
        """
        ...
