"""The upstreams service as assembly sees it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.chassis.vault import Vault
from tulou.contracts.upstreams import api
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.client import UpstreamsClient
from tulou.kernel.clock import Clock
from tulou.ports.credentials import Credentials
from tulou.ports.database import Database
from tulou.services.upstreams.http import router
from tulou.services.upstreams.providers import known_providers
from tulou.services.upstreams.secrecy import Secrecy
from tulou.services.upstreams.service import UpstreamsService
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.services.upstreams.store import CREDENTIALS


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[UpstreamsService]:
    """Open the service; it holds nothing open itself."""
    settings = provided[UpstreamsSettings]
    yield UpstreamsService(
        provided[Database],
        provided[Outbox],
        Secrecy(provided[Vault], provided[Credentials]),
        providers=known_providers(settings.providers_file),
        clock=provided[Clock],
        settings=settings,
    )


COMPONENT = Component(
    name="upstreams",
    plane="traffic",
    contract=Upstreams,
    build=build,
    client=UpstreamsClient,
    operations={
        api.PROVIDERS: "providers",
        api.UPSTREAMS: "upstreams",
        api.UPSTREAM: "upstream",
        api.PUT_UPSTREAM: "put_upstream",
        api.DELETE_UPSTREAM: "delete_upstream",
        api.ADD_CREDENTIAL: "add_credential",
        api.REVIVE_CREDENTIAL: "revive_credential",
        api.DELETE_CREDENTIAL: "delete_credential",
        api.REPORT_CREDENTIAL: "report_credential",
        api.OPEN: "open",
    },
    needs=(Database, Outbox, Clock, Vault, Credentials, UpstreamsSettings),
    settings=UpstreamsSettings,
    migrations="tulou.services.upstreams.migrations",
    routes=router,
    sealed=(CREDENTIALS.c.sealed,),
)
