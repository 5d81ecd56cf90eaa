"""The last snapshot on disk, so that a gateway serves even when it starts while the control plane is down."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from tulou.contracts.routing.messages import Snapshot

log = structlog.get_logger()

FILE = "snapshot.json"


class SnapshotFile:
    """Shared by the gateways of a host: each write replaces the whole file, and the last one stays."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def write(self, snapshot: Snapshot) -> None:
        """Keep a snapshot for the next start, readable by this user alone: it holds the replicas' credentials."""
        fresh = self.path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(snapshot))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            log.warning("snapshot_not_kept", path=str(self.path), error=str(error))
            with suppress(OSError):
                fresh.unlink(missing_ok=True)

    def read(self) -> Snapshot | None:
        """Return the snapshot that was kept, or None; a file that cannot be read is logged and left alone."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Snapshot)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("snapshot_file_ignored", path=str(self.path), error=str(error))
            return None
