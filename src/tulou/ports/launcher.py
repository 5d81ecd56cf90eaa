"""Where workers run: starts them, says when they end, ends them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from tulou.kernel.message import message
from tulou.ports.engine import OptionValue, Task


@message
class WorkerFile:
    """One file of the artifact: its name inside, the blob that holds it, and what it must hash to."""

    name: str
    blob: str
    digest: str
    size: int


@message
class WorkerSpec:
    """All a worker needs to become a replica: what to load, where to fetch it, whom to tell."""

    replica: str
    deployment: str
    generation: int
    model: str
    version: int
    engine: str
    task: Task
    format: str
    architecture: str
    files: tuple[WorkerFile, ...]
    context_length: int
    concurrency: int
    options: Mapping[str, OptionValue]
    token: str
    control_url: str = ""
    control_token: str = ""
    blobs: str = ""
    cache: str = ""


@message
class WorkerStatus:
    """A worker as the launcher sees it; `exit_code` is None while it runs, `tail` its last lines of log.

    A worker that ended while no launcher watched has exit code 255: nobody knows it.
    """

    replica: str
    deployment: str
    place: str
    started_at: float
    exit_code: int | None = None
    tail: str = ""


@message
class WorkerRoom:
    """What there is for one more worker: free bytes of memory, cores, and the engines that can run there.

    `features` are those of the processor that decide between engines, such as `avx512f`.
    """

    memory: int
    cores: int
    engines: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


class Launcher(Protocol):
    """Workers outlive the process that launched them; `list` finds those of an earlier life again."""

    async def room(self) -> WorkerRoom:
        """Say how much room there is now."""
        ...

    async def launch(self, spec: WorkerSpec) -> WorkerStatus:
        """Start a worker; raise `UnavailableError` when there is no room, `ConflictError` if it runs already."""
        ...

    async def stop(self, replica: str, *, grace_s: float) -> None:
        """Ask a worker to end, make it end after `grace_s` seconds, return once it is gone; unknown is no error."""
        ...

    async def list(self) -> Sequence[WorkerStatus]:
        """Return the workers that run, and those that ended since they were launched."""
        ...

    def exits(self) -> AsyncIterator[WorkerStatus]:
        """Yield each worker as it ends."""
        ...

    async def close(self) -> None:
        """Let go of the workers without ending them."""
        ...
