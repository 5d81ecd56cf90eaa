"""Where secrets come from: named, never stored beside what they protect."""

from typing import Protocol


class Secrets(Protocol):
    """Named secret bytes; a name is letters, digits, `.`, `_` and `-`."""

    async def find(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none."""
        ...

    async def put(self, name: str, value: bytes) -> None:
        """Keep a secret so that only this house can read it; replace what was there."""
        ...

    async def create(self, name: str, value: bytes) -> bytes:
        """Keep a secret unless the name is taken; return what is kept now. Atomic over processes."""
        ...
