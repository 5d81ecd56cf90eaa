"""Start a worker, and write down which process it is; find one again of whom only half was written."""

from dataclasses import dataclass
from subprocess import DEVNULL, STDOUT, Popen

from tulou.adapters.process.birth import birth, find_by_argument
from tulou.adapters.process.folder import WorkerFolder, WorkerRecord
from tulou.adapters.process.process import WorkerProcess
from tulou.adapters.process.room import cores
from tulou.adapters.process.settings import LocalSettings
from tulou.kernel.errors import UnavailableError
from tulou.ports.launcher import WorkerSpec

LIFELINE_FD = "TULOU_LIFELINE_FD"


@dataclass(frozen=True, slots=True)
class StartedProcess:
    """A process, and what was written down about it."""

    record: WorkerRecord
    process: WorkerProcess


def start(spec: WorkerSpec, folder: WorkerFolder, settings: LocalSettings, *, now: float) -> StartedProcess:
    """Start a worker; raise `UnavailableError` if the system does not let us."""
    try:
        folder.make(spec)
        pid = _spawn(folder, settings)
        born = birth(pid)
        record = _record(spec, pid, born, now)
        folder.keep(record)
    except OSError as error:
        raise UnavailableError(f"cannot start a worker for {spec.deployment!r}: {error}") from error
    return StartedProcess(record, WorkerProcess(pid, born))


def recall(folder: WorkerFolder, *, now: float) -> WorkerRecord | None:
    """Return which process a worker is, also if its launcher died before that was written; None if it never began."""
    record = folder.record()
    if record is not None:
        return record
    spec, pid = folder.read_spec(), find_by_argument(str(folder.spec))
    if spec is None or pid is None:
        return None
    record = _record(spec, pid, birth(pid), now)
    folder.keep(record)
    return record


def _record(spec: WorkerSpec, pid: int, born: str | None, now: float) -> WorkerRecord:
    return WorkerRecord(replica=spec.replica, deployment=spec.deployment, pid=pid, birth=born or "", started_at=now)


def _spawn(folder: WorkerFolder, settings: LocalSettings) -> int:
    lifeline = () if settings.lifeline is None else (settings.lifeline,)
    with folder.log.open("ab") as output:
        child = Popen(  # noqa: S603 - the command is the house's own
            [*settings.command, str(folder.spec)],
            env=_environment(settings),
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
            pass_fds=lifeline,
            start_new_session=True,
        )
    child.returncode = 0  # `WorkerProcess` reaps it; a `Popen` that is dropped must not try to
    return child.pid


def _environment(settings: LocalSettings) -> dict[str, str]:
    """Two OpenMP pools that spin on the same cores collapse, so leave a core free, and wait without spinning."""
    threads = {"OMP_NUM_THREADS": str(max(1, cores() - 1)), "OMP_WAIT_POLICY": "PASSIVE"}
    line = {} if settings.lifeline is None else {LIFELINE_FD: str(settings.lifeline)}
    return {**threads, **settings.environment, **line}
