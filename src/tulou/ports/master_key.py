"""The key that protects all other keys; it may lie in another machine and never leave it."""

from typing import Protocol

from tulou.kernel.message import message

DATA_KEY_BYTES = 32


@message
class WrappedKey:
    """A data key that only the master key `key_id` opens; the id is letters, digits, `_`, `:` and `-`, no secret."""

    key_id: str
    data: bytes


class MasterKey(Protocol):
    """Wraps data keys of 32 bytes. What was wrapped before a rotation is still unwrapped after it."""

    async def wrap(self, key: bytes) -> WrappedKey:
        """Wrap with the newest master key; raise `UnavailableError` when it cannot be reached."""
        ...

    async def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Return a data key; raise `UnavailableError` without its master key, `InvalidError` if it was changed."""
        ...

    async def rotate(self) -> str:
        """Make a new master key the newest and return its id; raise `ForbiddenError` where that is done elsewhere."""
        ...
