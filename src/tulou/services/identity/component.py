"""The identity service as assembly sees it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.identity import api
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.client import IdentityClient
from tulou.kernel.clock import Clock
from tulou.ports.database import Database
from tulou.services.identity.http import router
from tulou.services.identity.service import IdentityService
from tulou.services.identity.settings import IdentitySettings


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[IdentityService]:
    """Open the service; it holds nothing open itself."""
    settings = provided[IdentitySettings]
    yield IdentityService(provided[Database], provided[Outbox], clock=provided[Clock], settings=settings)


COMPONENT = Component(
    name="identity",
    plane="house",
    contract=Identity,
    build=build,
    client=IdentityClient,
    operations={
        api.CREATE_KEY: "create_key",
        api.KEY: "key",
        api.KEYS: "keys",
        api.REVOKE_KEY: "revoke_key",
        api.AUTHENTICATE: "authenticate",
        api.GRANTS: "grants",
    },
    needs=(Database, Outbox, Clock, IdentitySettings),
    settings=IdentitySettings,
    migrations="tulou.services.identity.migrations",
    routes=router,
)
