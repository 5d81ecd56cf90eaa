"""Secrets by reference: what is written down says where a secret is, never what it is."""

from typing import Protocol


class Credentials(Protocol):
    """Knows `env://NAME`, `file://PATH` and `secret://NAME`."""

    async def reveal(self, reference: str) -> str:
        """Return the secret now; raise `InvalidError` for a reference that is malformed or leads nowhere."""
        ...
