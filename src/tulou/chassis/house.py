"""What a service may know of the house it stands in."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Name and places of one running installation; `token` is what its processes show one another."""

    name: str
    directory: Path
    control_url: str
    token: str
    blobs: str
    process: str = "control"

    @property
    def run(self) -> Path:
        """Files that matter only while the house runs."""
        return self.directory / "run"

    @property
    def log(self) -> Path:
        """Logs, one file a process."""
        return self.directory / "log"

    @property
    def cache(self) -> Path:
        """What can be fetched again."""
        return self.directory / "cache"
