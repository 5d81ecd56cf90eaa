"""The registry as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import NameJob
from tulou.contracts.registry.api import Registry
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import NotFoundError, TulouError
from tulou.ports.blobs import Blobs
from tulou.ports.converter import Converter
from tulou.ports.database import Database
from tulou.ports.exporter import Exporter
from tulou.ports.secrets import Secrets
from tulou.services.registry.handlers import RegistryHandlers
from tulou.services.registry.http import router
from tulou.services.registry.importing import Importer
from tulou.services.registry.service import IMPORT_JOB, RegistryService
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.signing import Signer
from tulou.services.registry.workplace import Workplace

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[RegistryService]:
    """Open the registry; what killed imports left behind is cleared away meanwhile."""
    workplace = Workplace(provided[House].cache / "imports")
    service = RegistryService(
        provided[Database],
        provided[Outbox],
        blobs=provided[Blobs],
        signer=await Signer.of(provided[Secrets]),
        jobs=provided[Jobs],
        clock=provided[Clock],
        importer=_importer(provided, workplace),
    )
    async with asyncio.TaskGroup() as group:
        with as_house("registry clears its folder"):
            clearing = group.create_task(_clear(workplace, provided[Jobs]))
        try:
            yield service
        finally:
            clearing.cancel()


def _importer(provided: Provided, workplace: Workplace) -> Importer:
    return Importer(
        provided[Blobs],
        converter=provided[Converter],
        exporter=provided[Exporter],
        workplace=workplace,
        settings=provided[RegistrySettings],
    )


async def _clear(workplace: Workplace, jobs: Jobs) -> None:
    """Remove the folders of imports that will not be tried again."""
    for job in await workplace.leftovers():
        try:
            gone = (await jobs.job(NameJob(id=job))).finished_at is not None
        except NotFoundError:
            gone = True
        except TulouError as error:  # the queue is not up yet; the next start clears
            log.warning("import_leftovers_kept", error=str(error))
            return
        if gone:
            await workplace.remove(job)


COMPONENT = Component(
    name="registry",
    plane="life cycle",
    contract=Registry,
    build=build,
    changes={
        Registry.publish: changes("models:write", "{model}/versions"),
        Registry.import_model: changes("models:write", "import"),
        Registry.set_alias: changes("models:write", "{model}/aliases/{alias}"),
        Registry.remove_alias: changes("models:write", "{model}/aliases/{alias}"),
        Registry.delete_version: changes("models:write", "{model}/versions/{reference}"),
    },
    needs=(Database, Outbox, Blobs, Secrets, Jobs, Clock, House, Converter, Exporter, RegistrySettings),
    settings=RegistrySettings,
    migrations="tulou.services.registry.migrations",
    routes=router,
    handlers=RegistryHandlers,
    jobs={IMPORT_JOB: "import_model"},
)
