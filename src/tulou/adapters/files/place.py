"""Put a finished file where it belongs in one step, so that it is there wholly or not at all, even after a crash."""

import os
from pathlib import Path


def place(finished: Path, target: Path, *, overwrite: bool) -> None:
    """Move a synced file to its place; raise `FileExistsError` if that is taken and must not be overwritten.

    A rename replaces; a link refuses to. Syncing the folders makes either survive the loss of power.
    """
    new = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    if overwrite:
        finished.replace(target)
    else:
        os.link(finished, target)
    for folder in (target.parent, *(folder.parent for folder in new)):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
