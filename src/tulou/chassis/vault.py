"""Seal secrets that have to be kept, so that the database and its backups hold nothing that opens anything.

Each secret has a data key of its own (AES-256-GCM); the data key is wrapped by the master key. A sealed text is

    tulou1.<id of the master key>.<wrapped data key>.<nonce and sealed secret>

with the last two in base64url. What it is bound to, such as a row's id, is authenticated but not written down: a
sealed text that is moved to another row does not open there.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tulou.kernel.errors import InvalidError
from tulou.ports.master_key import DATA_KEY_BYTES, MasterKey, WrappedKey

FORMAT = "tulou1"
NONCE_BYTES = 12
SECRET_MOST = 64 * 1024
_SEALED = re.compile(FORMAT + r"\.([A-Za-z0-9_:-]{1,128})\.([A-Za-z0-9_=-]+)\.([A-Za-z0-9_=-]+)")


class Vault:
    """Nothing is remembered: every opening asks the master key."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master

    async def seal(self, secret: bytes, *, bound_to: str) -> str:
        """Return a secret's sealed text, which opens only for the same `bound_to`."""
        if len(secret) > SECRET_MOST:
            raise InvalidError(f"a secret has at most {SECRET_MOST} bytes; this one has {len(secret)}")
        key, nonce = secrets.token_bytes(DATA_KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, secret, _bond(bound_to))
        return _text(await self._master.wrap(key), sealed)

    async def open(self, sealed: str, *, bound_to: str) -> bytes:
        """Return the secret; raise `InvalidError` for a text that was changed or is bound to something else."""
        wrapped, body = _parts(sealed)
        key = await self._master.unwrap(wrapped)
        try:
            return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bond(bound_to))
        except (InvalidTag, ValueError) as error:
            raise InvalidError(f"what was sealed for {bound_to!r} does not open: it was changed or moved") from error

    async def rewrap(self, sealed: str) -> str:
        """Return the text with its data key wrapped by the newest master key; itself if it is so already."""
        wrapped, body = _parts(sealed)
        fresh = await self._master.wrap(await self._master.unwrap(wrapped))
        return sealed if fresh.key_id == wrapped.key_id else _text(fresh, body)


def key_of(sealed: str) -> str:
    """Return the id of the master key that a sealed text needs."""
    return _parts(sealed)[0].key_id


def _bond(bound_to: str) -> bytes:
    return f"{FORMAT}\n{bound_to}".encode()


def _text(wrapped: WrappedKey, body: bytes) -> str:
    parts = (FORMAT, wrapped.key_id, *(urlsafe_b64encode(part).decode() for part in (wrapped.data, body)))
    return ".".join(parts)


def _parts(sealed: str) -> tuple[WrappedKey, bytes]:
    match = _SEALED.fullmatch(sealed)
    if match is None:
        raise InvalidError("this is no sealed text of this house's format")
    try:
        data, body = (urlsafe_b64decode(part) for part in match.groups()[1:])
    except ValueError as error:
        raise InvalidError("this sealed text is damaged") from error
    return WrappedKey(key_id=match[1], data=data), body
