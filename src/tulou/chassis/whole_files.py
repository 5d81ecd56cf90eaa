"""Replace a file whole: whoever reads it finds what was there before, or all that is there now, also after a crash."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

OWN = 0o600
"""The mode of a file that its owner alone may read."""


def replace_file(path: Path, data: bytes, *, mode: int = OWN, sync: bool = True) -> None:
    """Write beside a file, then put that into its place; raise `OSError` when the disk does not take it.

    Without `sync` a loss of power may leave it empty: for what is written anew all the time.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode), "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
