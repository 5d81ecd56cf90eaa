"""The governance service as assembly sees it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.governance import api
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.client import GovernanceClient
from tulou.contracts.metering.events import REQUESTS_REFUSED
from tulou.kernel.clock import Clock
from tulou.ports.database import Database
from tulou.ports.secrets import Secrets
from tulou.services.governance.counters import GovernanceCounters
from tulou.services.governance.handlers import GovernanceHandlers
from tulou.services.governance.http import router
from tulou.services.governance.seal import Seal
from tulou.services.governance.service import GovernanceService
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.trail import Trail


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[GovernanceService]:
    """Open the service; it holds nothing open itself."""
    database = provided[Database]
    trail = Trail(database, Seal(provided[Secrets], database))
    yield GovernanceService(
        database,
        provided[Outbox],
        trail,
        clock=provided[Clock],
        settings=provided[GovernanceSettings],
        counters=GovernanceCounters(provided[CollectorRegistry]),
    )


COMPONENT = Component(
    name="governance",
    plane="house",
    contract=Governance,
    build=build,
    client=GovernanceClient,
    operations={
        api.ROLES: "roles",
        api.PUT_ROLE: "put_role",
        api.DELETE_ROLE: "delete_role",
        api.POLICIES: "policies",
        api.PUT_POLICY: "put_policy",
        api.DELETE_POLICY: "delete_policy",
        api.POLICY_SET: "policy_set",
        api.DECIDE: "decide",
        api.TRY: "try_policies",
        api.RECORD: "record",
        api.AUDIT: "audit",
        api.VERIFY: "verify",
    },
    needs=(Database, Outbox, Secrets, Clock, CollectorRegistry, GovernanceSettings),
    settings=GovernanceSettings,
    migrations="tulou.services.governance.migrations",
    routes=router,
    handlers=GovernanceHandlers,
    topics={REQUESTS_REFUSED: "on_refused"},
)
