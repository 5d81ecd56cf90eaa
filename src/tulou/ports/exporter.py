"""Something that turns the folder of a text encoder into files that an engine loads."""

from pathlib import Path
from typing import Protocol


class Exporter(Protocol):
    """Blocking and heavy: call it in a thread."""

    def export(self, folder: Path, target: Path) -> Path:
        """Write the artifact's files into `target` and return that; raise `InvalidError` for an unknown encoder."""
        ...
