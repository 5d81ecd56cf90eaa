"""The identity service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from prometheus_client import CollectorRegistry

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.chassis.vault import Vault
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.cache import Cache
from tulou.ports.credentials import Credentials
from tulou.ports.database import Database
from tulou.ports.openid import OpenIdProviders
from tulou.services.identity.http import public_router, router
from tulou.services.identity.service import IdentityService, SignInCounters, SignInNeeds, UseCaseContext
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store.tables import PRINCIPALS

SWEEP_S = 600.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[IdentityService]:
    """Open the service, and sweep out what is over while it is open."""
    room = UseCaseContext(
        database=provided[Database],
        outbox=provided[Outbox],
        clock=provided[Clock],
        settings=provided[IdentitySettings],
        governance=provided[Governance],
    )
    outside = SignInNeeds(
        cache=provided[Cache],
        vault=provided[Vault],
        web=provided[OpenIdProviders],
        credentials=provided[Credentials],
        house=provided[House].name,
        counters=SignInCounters(provided[CollectorRegistry]),
    )
    service = IdentityService(room, outside)
    async with asyncio.TaskGroup() as group:
        with as_house("identity ends what is over"):
            sweeper = group.create_task(_sweep(service))
        try:
            yield service
        finally:
            sweeper.cancel()


async def _sweep(service: IdentityService) -> None:
    while True:
        try:
            while await service.sweep():
                pass
        except TulouError as error:  # the database may be away for a while; what is over is refused all the same
            log.warning("sessions_not_swept", error=str(error))
        await asyncio.sleep(SWEEP_S)


COMPONENT = Component(
    name="identity",
    plane="house",
    contract=Identity,
    build=build,
    changes={
        Identity.create_key: changes("keys:write"),
        Identity.revoke_key: changes("keys:write", "{id}"),
        Identity.enable_key: changes("keys:write", "{id}/enable"),
        Identity.put_tenant: changes("tenants:write", "{name}"),
        Identity.delete_tenant: changes("tenants:write", "{name}"),
        Identity.put_project: changes("projects:write", "{tenant}/{name}"),
        Identity.delete_project: changes("projects:write", "{tenant}/{name}"),
        Identity.put_principal: changes("principals:write", "{tenant}/{name}"),
        Identity.delete_principal: changes("principals:write", "{tenant}/{name}"),
        Identity.erase_principal: changes("principals:write", "{tenant}/{name}/erase"),
        Identity.sign_out: changes("sessions:write", "{id}"),
        Identity.end_sessions: changes("principals:write", "{tenant}/{principal}/sessions"),
        Identity.create_session_key: changes("me:write", "key"),
        Identity.change_password: changes("me:write", "password", secret=True),
        Identity.begin_second_factor: changes("me:write", "second-factor", secret=True),
        Identity.confirm_second_factor: changes("me:write", "second-factor/confirm", secret=True),
        Identity.remove_second_factor: changes("principals:write", "{tenant}/{principal}/second-factor", secret=True),
    },
    strangers=frozenset(
        {
            Identity.authenticate,
            Identity.sign_in,
            Identity.identity_providers,
            Identity.begin_federated,
            Identity.finish_federated,
        }
    ),
    needs=(
        Database,
        Outbox,
        Clock,
        Cache,
        Vault,
        House,
        OpenIdProviders,
        Credentials,
        Governance,
        CollectorRegistry,
        IdentitySettings,
    ),
    settings=IdentitySettings,
    migrations="tulou.services.identity.migrations",
    routes=router,
    public_routes=public_router,
    sealed=(PRINCIPALS.c.factor, PRINCIPALS.c.factor_begun),
)
