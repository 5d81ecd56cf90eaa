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
from tulou.contracts.identity import api
from tulou.contracts.identity.api import Identity
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.cache import Cache
from tulou.ports.credentials import Credentials
from tulou.ports.database import Database
from tulou.ports.openid import OpenIdProviders
from tulou.services.identity.http import public_router, router
from tulou.services.identity.service import IdentityService, Outside, Room, SignInCounters
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store.tables import PRINCIPALS

SWEEP_S = 600.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[IdentityService]:
    """Open the service, and sweep out what is over while it is open."""
    room = Room(
        database=provided[Database],
        outbox=provided[Outbox],
        clock=provided[Clock],
        settings=provided[IdentitySettings],
        governance=provided[Governance],
    )
    outside = Outside(
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
    operations={
        api.CREATE_KEY: "create_key",
        api.CREATE_SESSION_KEY: "create_session_key",
        api.KEY: "key",
        api.KEYS: "keys",
        api.REVOKE_KEY: "revoke_key",
        api.ENABLE_KEY: "enable_key",
        api.AUTHENTICATE: "authenticate",
        api.ME: "me",
        api.GRANTS: "grants",
        api.TENANT: "tenant",
        api.TENANTS: "tenants",
        api.PUT_TENANT: "put_tenant",
        api.VALIDATE_IDENTITY: "validate_identity",
        api.DELETE_TENANT: "delete_tenant",
        api.PROJECT: "project",
        api.PROJECTS: "projects",
        api.PUT_PROJECT: "put_project",
        api.DELETE_PROJECT: "delete_project",
        api.PRINCIPAL: "principal",
        api.PRINCIPALS: "principals",
        api.PUT_PRINCIPAL: "put_principal",
        api.DELETE_PRINCIPAL: "delete_principal",
        api.DELETED: "deleted",
        api.ERASE_PRINCIPAL: "erase_principal",
        api.ERASED: "erased",
        api.SIGN_IN: "sign_in",
        api.SIGN_OUT: "sign_out",
        api.SESSIONS: "sessions",
        api.END_SESSIONS: "end_sessions",
        api.CHANGE_PASSWORD: "change_password",
        api.BEGIN_SECOND_FACTOR: "begin_second_factor",
        api.CONFIRM_SECOND_FACTOR: "confirm_second_factor",
        api.REMOVE_SECOND_FACTOR: "remove_second_factor",
        api.IDENTITY_PROVIDERS: "identity_providers",
        api.BEGIN_FEDERATED: "begin_federated",
        api.FINISH_FEDERATED: "finish_federated",
    },
    changes={
        api.CREATE_KEY: changes("keys:write"),
        api.REVOKE_KEY: changes("keys:write", "{id}"),
        api.ENABLE_KEY: changes("keys:write", "{id}/enable"),
        api.PUT_TENANT: changes("tenants:write", "{name}"),
        api.DELETE_TENANT: changes("tenants:write", "{name}"),
        api.PUT_PROJECT: changes("projects:write", "{tenant}/{name}"),
        api.DELETE_PROJECT: changes("projects:write", "{tenant}/{name}"),
        api.PUT_PRINCIPAL: changes("principals:write", "{tenant}/{name}"),
        api.DELETE_PRINCIPAL: changes("principals:write", "{tenant}/{name}"),
        api.ERASE_PRINCIPAL: changes("principals:write", "{tenant}/{name}/erase"),
        api.SIGN_OUT: changes("sessions:write", "{id}"),
        api.END_SESSIONS: changes("principals:write", "{tenant}/{principal}/sessions"),
        api.CREATE_SESSION_KEY: changes("me:write", "key"),
        api.CHANGE_PASSWORD: changes("me:write", "password", secret=True),
        api.BEGIN_SECOND_FACTOR: changes("me:write", "second-factor", secret=True),
        api.CONFIRM_SECOND_FACTOR: changes("me:write", "second-factor/confirm", secret=True),
        api.REMOVE_SECOND_FACTOR: changes("principals:write", "{tenant}/{principal}/second-factor", secret=True),
    },
    strangers=frozenset(
        {
            api.AUTHENTICATE,
            api.SIGN_IN,
            api.IDENTITY_PROVIDERS,
            api.BEGIN_FEDERATED,
            api.FINISH_FEDERATED,
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
