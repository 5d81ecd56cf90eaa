"""The upstreams service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.chassis.vault import Vault
from tulou.contracts.upstreams.api import Upstreams
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.credentials import Credentials
from tulou.ports.database import Database
from tulou.ports.token_endpoint import TokenEndpoint
from tulou.services.upstreams.access_tokens import AccessTokens
from tulou.services.upstreams.http import router
from tulou.services.upstreams.providers import known_providers
from tulou.services.upstreams.secrecy import SecretStorage
from tulou.services.upstreams.service import UpstreamsService
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.services.upstreams.store import CREDENTIALS, DELETED

SWEEP_S = 3600.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[UpstreamsService]:
    """Open the service, and remove for ever what was deleted long ago while it is open."""
    settings = provided[UpstreamsSettings]
    tokens = AccessTokens(provided[TokenEndpoint], clock=provided[Clock])
    service = UpstreamsService(
        provided[Database],
        provided[Outbox],
        SecretStorage(provided[Vault], provided[Credentials], tokens),
        providers=known_providers(settings.providers_file),
        clock=provided[Clock],
        settings=settings,
    )
    async with asyncio.TaskGroup() as group:
        with as_house("upstreams forgets what was deleted"):
            sweeper = group.create_task(_sweep(service))
        try:
            yield service
        finally:
            sweeper.cancel()
            await tokens.close()


async def _sweep(service: UpstreamsService) -> None:
    while True:
        try:
            await service.deletions.sweep()
        except TulouError as error:  # the database may be away for a while
            log.warning("deleted_credentials_not_swept", error=str(error))
        await asyncio.sleep(SWEEP_S)


COMPONENT = Component(
    name="upstreams",
    plane="traffic",
    contract=Upstreams,
    build=build,
    changes={
        Upstreams.put_upstream: changes("upstreams:write", "{name}"),
        Upstreams.delete_upstream: changes("upstreams:write", "{name}"),
        Upstreams.add_credential: changes("upstreams:write", "{upstream}/credentials", secret=True),
        Upstreams.revive_credential: changes("credentials:write", "{id}/revive"),
        Upstreams.delete_credential: changes("credentials:write", "{id}"),
        Upstreams.restore_credentials: changes("upstreams:write", "{upstream}/credentials"),
    },
    needs=(Database, Outbox, Clock, Vault, Credentials, TokenEndpoint, UpstreamsSettings),
    settings=UpstreamsSettings,
    migrations="tulou.services.upstreams.migrations",
    routes=router,
    sealed=(CREDENTIALS.c.sealed, DELETED.c.sealed),
)
