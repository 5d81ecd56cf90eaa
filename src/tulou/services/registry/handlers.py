"""The registry's jobs."""

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.kernel.message import message
from tulou.services.registry.service import RegistryService


@message
class Imported:
    """The result of an import."""

    model: str
    version: int
    digest: str


class RegistryHandlers:
    """What the registry does when the queue says so."""

    def __init__(self, service: RegistryService) -> None:
        self._service = service

    async def import_model(self, run: JobRun) -> str:
        """Do an import; return which version it made."""
        version = await self._service.bring_in(run)
        imported = Imported(model=version.model, version=version.number, digest=version.digest)
        return msgspec.json.encode(imported).decode()
