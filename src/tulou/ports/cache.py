"""Small values that may be forgotten, and counters shared by processes."""

from typing import Protocol


class Cache(Protocol):
    """Everything in it expires: a time to live, in seconds, comes with every write."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None when it was never there or is gone."""
        ...

    async def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value for a while."""
        ...

    async def put_if_absent(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        """Keep a value unless the key is taken; return whether it was kept. Atomic over processes."""
        ...

    async def add(self, key: str, amount: int, *, ttl_s: float) -> int:
        """Add to a counter that starts at 0 and lives `ttl_s` from its first use; return the sum. Atomic."""
        ...

    async def delete(self, key: str) -> None:
        """Forget a key; forgetting what is not there is no error."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
