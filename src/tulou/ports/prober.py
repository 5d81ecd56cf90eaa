"""A look at an HTTP address that costs nothing there."""

from collections.abc import Mapping
from typing import Protocol


class Prober(Protocol):
    """Asks whether somebody answers."""

    async def probe(self, url: str, *, headers: Mapping[str, str], timeout_s: float) -> int:
        """Return the HTTP status that a GET is answered with; raise `UnavailableError` when there is no answer."""
        ...

    async def read(self, url: str, *, headers: Mapping[str, str], timeout_s: float, at_most: int) -> bytes:
        """Return what a GET is answered with; raise `UnavailableError` when it is not answered with 200, or at length.

        More bytes than `at_most` are none: a part of them is no answer.
        """
        ...

    async def connect(self, url: str, *, timeout_s: float) -> None:
        """Open a connection to where a URL leads and close it again; raise `UnavailableError` when nobody listens."""
        ...
