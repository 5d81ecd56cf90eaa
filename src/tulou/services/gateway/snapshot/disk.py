"""The last snapshot on disk, so that a gateway serves even when it starts while the control plane is down.

Two files: a snapshot, and the updates since, a line each. What was revoked is on disk as soon as it is in force, and
yet a house with many keys is not written anew for each of them.
"""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tulou.chassis.whole_files import OWN, replace_file
from tulou.contracts.routing.messages import Snapshot, Update
from tulou.services.gateway.snapshot.mirror import SnapshotMirror

log = structlog.get_logger()

FILE = "snapshot.sealed"
CHANGES = "snapshot.changes"
PLAIN = "snapshot.json"
"""What it was before it was sealed; such a file is removed."""

MARK = b"tulou snapshot 1\n"
CHANGE_MARK = b"tulou snapshot change 2\n"
OLD_MARK = b"tulou snapshot change 1\n"
"""An update that told all limits or none: what was kept with one is not read, since it ends with what that one said."""

NONCE_BYTES, KEY_BYTES = 12, 32
LEAST_BYTES = 64 * 1024
GROWN = 4
"""The snapshot is written anew when the updates have grown to this part of it, or to `LEAST_BYTES` if that is more."""


class SnapshotFile:
    """Shared by the gateways of a host: each write replaces the whole file, each update goes to the end of the other.

    Both hold credentials, so they are sealed with AES-256-GCM; the key is made of the house's token, by HKDF.
    """

    def __init__(self, folder: Path, *, token: str) -> None:
        self.path = folder / FILE
        self.changes = folder / CHANGES
        self._behind = False  # the disk did not take something that later updates do not say again
        key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=MARK).derive(token.encode())
        self._seal = AESGCM(key)

    def keep(self, mirror: SnapshotMirror, updates: Sequence[Update | None]) -> None:
        """Keep what led to a mirror; or all of it, if one of the updates is not known, or they have grown too much."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._behind or None in updates or self._grown():
                self._write(mirror.snapshot)
            else:
                self._append([update for update in updates if update is not None])
            self._behind = False
        except OSError as error:
            self._behind = True
            log.warning("snapshot_not_kept", path=str(self.path), error=str(error))

    def read(self) -> SnapshotMirror | None:
        """Return the snapshot that was kept, or None; a file that cannot be read is logged and left alone."""
        try:
            snapshot = msgspec.json.decode(self._opened(self.path.read_bytes(), MARK), type=Snapshot)
            mirror = SnapshotMirror.of(snapshot)
            for update in self._updates():
                mirror = mirror.updated(update)
        except FileNotFoundError:
            return None
        except (OSError, InvalidTag, ValueError) as error:  # msgspec's errors are ValueErrors
            log.warning("snapshot_file_ignored", path=str(self.path), error=str(error) or "it is not of this house")
            return None
        return mirror

    def _grown(self) -> bool:
        """Say whether it is time for a new snapshot; there may be none yet."""
        try:
            return self.changes.stat().st_size > max(LEAST_BYTES, self.path.stat().st_size // GROWN)
        except FileNotFoundError:
            return not self.path.exists()

    def _write(self, snapshot: Snapshot) -> None:
        replace_file(self.path, self._sealed(msgspec.json.encode(snapshot), MARK))
        self.changes.unlink(missing_ok=True)
        self.path.with_name(PLAIN).unlink(missing_ok=True)

    def _append(self, updates: Sequence[Update]) -> None:
        # the line's end comes first, so that one that was cut short spoils no other
        lines = [b"\n" + b64encode(self._sealed(msgspec.json.encode(update), CHANGE_MARK)) for update in updates]
        _append(self.changes, b"".join(lines))

    def _updates(self) -> Iterator[Update]:
        """Yield the updates; a line that somebody did not finish before they were killed is passed over."""
        with suppress(FileNotFoundError):
            lines = self.changes.read_bytes().splitlines()
            if any(line.startswith(b64encode(OLD_MARK)) for line in lines):
                raise ValueError("it is of an earlier version")
            for line in lines:
                with suppress(InvalidTag, ValueError):
                    yield msgspec.json.decode(self._opened(b64decode(line), CHANGE_MARK), type=Update)

    def _sealed(self, plain: bytes, mark: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return mark + nonce + self._seal.encrypt(nonce, plain, mark)

    def _opened(self, data: bytes, mark: bytes) -> bytes:
        if not data.startswith(mark):
            raise ValueError("it is no sealed snapshot")
        nonce, sealed = data[len(mark) : len(mark) + NONCE_BYTES], data[len(mark) + NONCE_BYTES :]
        return self._seal.decrypt(nonce, sealed, mark)


def _append(path: Path, data: bytes) -> None:
    """Write to the end of a file that this user alone may read, and wait until the disk has it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWN), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
