"""Wrapping with a key that this process holds in memory."""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tulou.kernel.errors import InvalidError
from tulou.ports.master_key import WrappedKey

KEY_BYTES = 32
NONCE_BYTES = 12
BOND = b"tulou data key"


class LocalKey:
    """One master key; its id is the start of a digest, so that it is the same wherever the key lies."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidError(f"a master key has {KEY_BYTES} bytes; this one has {len(key)}")
        self._cipher = AESGCM(key)
        self.id = hashlib.sha256(b"tulou master key\n" + key).hexdigest()[:16]

    def wrap(self, key: bytes) -> WrappedKey:
        """Return the data key, wrapped."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return WrappedKey(key_id=self.id, data=nonce + self._cipher.encrypt(nonce, key, BOND))

    def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Return the data key; raise `InvalidError` if what was wrapped has been changed."""
        try:
            return self._cipher.decrypt(wrapped.data[:NONCE_BYTES], wrapped.data[NONCE_BYTES:], BOND)
        except (InvalidTag, ValueError) as error:
            raise InvalidError(f"a data key of master key {wrapped.key_id} was changed and does not open") from error
