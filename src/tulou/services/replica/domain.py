"""Rules of a worker's life: what each error means for it, and where its artifact lies."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from tulou.contracts.replica.messages import Phase, WorkerExit
from tulou.kernel.errors import InvalidError, NotFoundError, TulouError, UnavailableError
from tulou.ports.engine import EngineSpec
from tulou.ports.launcher import WorkerFile, WorkerSpec

RETRY_FIRST_S = 0.1
RETRY_MOST_S = 1.0


def next_pause(pause_s: float) -> float:
    """Return how long to wait before control is asked once more, after it could not be reached."""
    return min(RETRY_MOST_S, max(RETRY_FIRST_S, pause_s * 2))


def exit_of(phase: Phase, error: BaseException) -> WorkerExit:
    """Return how the process ends after an error in a phase of its life."""
    match phase:
        case "fetching":
            return (
                WorkerExit.BAD_ARTIFACT if isinstance(error, InvalidError | NotFoundError) else WorkerExit.NO_ARTIFACT
            )
        case "choosing":
            return WorkerExit.BAD_ENGINE
        case "loading":
            return _exit_of_load(error)
        case "warming":
            return WorkerExit.BAD_ENGINE if isinstance(error, InvalidError) else WorkerExit.CRASHED
        case _:
            return WorkerExit.CRASHED


def _exit_of_load(error: BaseException) -> WorkerExit:
    match error:
        case MemoryError() | UnavailableError():
            return WorkerExit.OUT_OF_MEMORY
        case InvalidError():
            return WorkerExit.BAD_ARTIFACT
        case TulouError() | ImportError():
            return WorkerExit.BAD_ENGINE
        case _:
            return WorkerExit.CRASHED


def engine_spec(spec: WorkerSpec, files: Mapping[str, str]) -> EngineSpec:
    """Return what the engine is to load; a port is the system's to choose."""
    return EngineSpec(
        model=spec.model,
        task=spec.task,
        format=spec.format,
        architecture=spec.architecture,
        files=files,
        context_length=spec.context_length,
        concurrency=spec.concurrency,
        token=spec.token,
        options=spec.options,
    )


def artifact_key(files: Sequence[WorkerFile]) -> str:
    """Return a folder name for this set of files: equal for equal names and contents."""
    lines = sorted(f"{file.digest} {file.name}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def safe_name(name: str) -> str:
    """Return the name of a file inside an artifact; raise `InvalidError` if it would lead out of its folder."""
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in name or "\0" in name:
        raise InvalidError(f"artifact file {name!r}: the name leads out of the artifact; import the model again")
    return name
