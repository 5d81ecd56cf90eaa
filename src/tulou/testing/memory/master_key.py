"""A master key in memory, for tests."""

import secrets
from itertools import count

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.master_key import WrappedKey

NONCE_BYTES = 12


class MemoryMasterKey:
    """The master key port within one process."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._keys: dict[str, AESGCM] = {}
        self._newest = self._fresh()

    async def wrap(self, key: bytes) -> WrappedKey:
        """Wrap with the newest key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return WrappedKey(key_id=self._newest, data=nonce + self._keys[self._newest].encrypt(nonce, key, None))

    async def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Unwrap with the key that wrapped."""
        if wrapped.key_id not in self._keys:
            raise UnavailableError(f"no master key {wrapped.key_id} here")
        try:
            return self._keys[wrapped.key_id].decrypt(wrapped.data[:NONCE_BYTES], wrapped.data[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise InvalidError("this data key was changed and does not open") from error

    async def rotate(self) -> str:
        """Make a new key the newest."""
        self._newest = self._fresh()
        return self._newest

    def _fresh(self) -> str:
        name = f"memory-{next(self._numbers)}"
        self._keys[name] = AESGCM(AESGCM.generate_key(256))
        return name
