"""Something that turns the folder of a text encoder into files that an engine loads."""

from pathlib import Path
from typing import Protocol


class Exporter(Protocol):
    """`export` is blocking and heavy: call it in a thread."""

    architectures: tuple[str, ...]
    """What `export` takes, as the `architectures` of `config.json` name it."""

    model_types: tuple[str, ...]
    """The same as older folders, which name no architecture, say it in `model_type`."""

    async def check(self, file: Path) -> tuple[str, ...]:
        """Return the names of the files beside a graph, written by somebody else, that hold weights of it.

        Raise `InvalidError` for a graph that is damaged or no text encoder, or whose files are not there whole.
        """
        ...

    def export(self, folder: Path, target: Path) -> Path:
        """Write the artifact's files into `target` and return that; raise `InvalidError` for an unknown encoder."""
        ...
