"""The registry as assembly sees it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.job_folders import JobFolders
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.registry.api import Registry
from tulou.kernel.clock import Clock
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


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[RegistryService]:
    """Open the registry; what killed imports left behind is cleared away meanwhile."""
    folders = JobFolders(provided[House].cache / "imports")
    service = RegistryService(
        provided[Database],
        provided[Outbox],
        blobs=provided[Blobs],
        signer=await Signer.of(provided[Secrets]),
        jobs=provided[Jobs],
        clock=provided[Clock],
        importer=_importer(provided, folders),
    )
    async with folders.clearing(provided[Jobs], service="registry"):
        yield service


def _importer(provided: Provided, folders: JobFolders) -> Importer:
    return Importer(
        provided[Blobs],
        converter=provided[Converter],
        exporter=provided[Exporter],
        folders=folders,
        settings=provided[RegistrySettings],
    )


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
    jobs={IMPORT_JOB: RegistryHandlers.import_model},
)
