"""How workers are started on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """What assembly decides.

    `command` is followed by the path of the spec. `directory` keeps a folder for each worker, `logs` a file for each.
    `environment` is all that they inherit; `lifeline` a file descriptor that tells them when the house is gone.
    """

    command: tuple[str, ...]
    directory: Path
    logs: Path
    environment: Mapping[str, str]
    lifeline: int | None = None
