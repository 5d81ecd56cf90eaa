"""The last snapshot on disk, so that a gateway serves even when it starts while the control plane is down."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tulou.contracts.routing.messages import Snapshot

log = structlog.get_logger()

FILE = "snapshot.sealed"
PLAIN = "snapshot.json"
"""What it was before it was sealed; such a file is removed."""

MARK = b"tulou snapshot 1\n"
NONCE_BYTES, KEY_BYTES = 12, 32


class SnapshotFile:
    """Shared by the gateways of a host: each write replaces the whole file, and the last one stays.

    It holds credentials, so it is sealed with AES-256-GCM; the key is made of the house's token, by HKDF.
    """

    def __init__(self, folder: Path, *, token: str) -> None:
        self.path = folder / FILE
        key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=MARK).derive(token.encode())
        self._seal = AESGCM(key)

    def write(self, snapshot: Snapshot) -> None:
        """Keep a snapshot for the next start, readable by this user alone."""
        fresh = self.path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._seal.encrypt(nonce, msgspec.json.encode(snapshot), MARK)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(MARK + nonce + sealed)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
            self.path.with_name(PLAIN).unlink(missing_ok=True)
        except OSError as error:
            log.warning("snapshot_not_kept", path=str(self.path), error=str(error))
            with suppress(OSError):
                fresh.unlink(missing_ok=True)

    def read(self) -> Snapshot | None:
        """Return the snapshot that was kept, or None; a file that cannot be read is logged and left alone."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("snapshot_file_ignored", path=str(self.path), error=str(error))
            return None
        try:
            return msgspec.json.decode(self._opened(data), type=Snapshot)
        except (InvalidTag, ValueError) as error:  # msgspec's errors are ValueErrors
            log.warning("snapshot_file_ignored", path=str(self.path), error=str(error) or "it is not of this house")
            return None

    def _opened(self, data: bytes) -> bytes:
        if not data.startswith(MARK):
            raise ValueError("it is no sealed snapshot")
        nonce, sealed = data[len(MARK) : len(MARK) + NONCE_BYTES], data[len(MARK) + NONCE_BYTES :]
        return self._seal.decrypt(nonce, sealed, MARK)
