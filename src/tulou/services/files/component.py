"""The files service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.component import Component
from tulou.chassis.provided import Provided
from tulou.contracts.files.api import Files
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.blobs import Blobs
from tulou.ports.database import Database
from tulou.services.files.http import router
from tulou.services.files.service import FilesService
from tulou.services.files.settings import FilesSettings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[FilesService]:
    """Open the files, and sweep them while they are open."""
    settings = provided[FilesSettings]
    service = FilesService(provided[Database], provided[Blobs], clock=provided[Clock], settings=settings)
    async with asyncio.TaskGroup() as group:
        with as_house("files removes what has expired"):
            sweeper = group.create_task(_sweep(service, settings.sweep_s))
        try:
            yield service
        finally:
            sweeper.cancel()


async def _sweep(service: FilesService, every_s: float) -> None:
    while True:
        try:
            await service.sweep()
        except TulouError as error:  # the database or the store may be away for a while
            log.warning("files_sweep_failed", error=str(error))
        await asyncio.sleep(every_s)


COMPONENT = Component(
    name="files",
    plane="traffic",
    contract=Files,
    build=build,
    needs=(Database, Blobs, Clock, FilesSettings),
    settings=FilesSettings,
    migrations="tulou.services.files.migrations",
    inference_routes=router,
)
