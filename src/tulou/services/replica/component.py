"""The replica worker, as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.component import Component
from tulou.chassis.provided import Provided
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.observability.api import Observability
from tulou.contracts.replica.api import ReplicaWorker
from tulou.kernel.clock import Clock
from tulou.ports.blobs import Blobs
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.service import EngineMaker, Worker
from tulou.services.replica.settings import ReplicaSettings


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[Worker]:
    """Live a worker's life beside whatever else this process does; a process of its own takes `run` instead."""
    worker = Worker(
        provided[WorkerSpec],
        discovery=provided[Discovery],
        observability=provided[Observability],
        blobs=provided[Blobs],
        engine_factory=provided[EngineMaker],
        clock=provided[Clock],
        settings=provided[ReplicaSettings],
    )
    living = asyncio.ensure_future(worker.run())
    try:
        yield worker
    finally:
        worker.leaving.leave("its process ends")
        await living


COMPONENT = Component(
    name="replica",
    plane="traffic",
    contract=ReplicaWorker,
    build=build,
    needs=(Discovery, Observability, Blobs, Clock, WorkerSpec, EngineMaker),
    settings=ReplicaSettings,
)
