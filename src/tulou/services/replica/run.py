"""The entry of a worker process."""

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.observability.api import Observability
from tulou.contracts.replica.messages import WorkerExit
from tulou.kernel.clock import Clock, SystemClock
from tulou.ports.blobs import Blobs
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.service import EngineMaker, Worker
from tulou.services.replica.settings import ReplicaSettings


async def run(  # noqa: PLR0913 # everything a worker has, named by its caller
    spec: WorkerSpec,
    *,
    discovery: Discovery,
    observability: Observability,
    blobs: Blobs,
    engine_factory: EngineMaker,
    lifeline: int | None = None,
    settings: ReplicaSettings | None = None,
    clock: Clock | None = None,
) -> WorkerExit:
    """Be one replica until asked to end, by a signal or by the lifeline; return the process's exit code.

    The caller should end the process with `os._exit` once its logs are written: a native engine that could not be
    closed in time would otherwise hold up the interpreter's own end.
    """
    worker = Worker(
        spec,
        discovery=discovery,
        observability=observability,
        blobs=blobs,
        engine_factory=engine_factory,
        clock=clock or SystemClock(),
        settings=settings or ReplicaSettings(),
    )
    worker.leaving.listen(lifeline)
    try:
        return await worker.run()
    finally:
        worker.leaving.deaf(lifeline)
