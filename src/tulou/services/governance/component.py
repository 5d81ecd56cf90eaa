"""The governance service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from prometheus_client import CollectorRegistry

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.governance.api import Governance
from tulou.contracts.metering.events import REQUESTS_REFUSED
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database
from tulou.ports.secrets import Secrets
from tulou.services.governance.counters import GovernanceCounters
from tulou.services.governance.handlers import GovernanceHandlers
from tulou.services.governance.http import router
from tulou.services.governance.retention import Retention
from tulou.services.governance.seal import HeadSeal
from tulou.services.governance.service import GovernanceService
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.trail import AuditTrail

EVERY_S = 15.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[GovernanceService]:
    """Open the service, and sum up what is refused, and remove what is kept no longer, while it is open."""
    database = provided[Database]
    settings, clock = provided[GovernanceSettings], provided[Clock]
    seal = HeadSeal(provided[Secrets], database)
    trail = AuditTrail(database, seal)
    retention = Retention(database, seal, clock=clock, settings=settings)
    service = GovernanceService(
        database,
        provided[Outbox],
        trail,
        clock=clock,
        settings=settings,
        counters=GovernanceCounters(provided[CollectorRegistry]),
    )
    async with asyncio.TaskGroup() as group:
        with as_house("governance keeps the trail"):
            tasks = [group.create_task(_sum_up(service)), group.create_task(_sweep(retention, settings.sweep_s))]
        try:
            yield service
        finally:
            for task in tasks:
                task.cancel()
    with as_house("governance leaves"):
        await _sum_up_once(service, ending=True)


async def _sum_up(service: GovernanceService) -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        await _sum_up_once(service)


async def _sweep(retention: Retention, every_s: float) -> None:
    while True:
        try:
            await retention.sweep()
        except TulouError as error:  # the database is away, or the trail is not as it was: then nothing goes
            log.warning("refusals_not_removed", error=str(error), hint="tulou audit verify")
        await asyncio.sleep(every_s)


async def _sum_up_once(service: GovernanceService, *, ending: bool = False) -> None:
    try:
        await service.sum_up(ending=ending)
    except TulouError as error:  # the database is away: what was refused is in the ledger all the same
        log.warning("refusals_not_summed_up", error=str(error))


COMPONENT = Component(
    name="governance",
    plane="house",
    contract=Governance,
    build=build,
    changes={
        Governance.put_role: changes("roles:write", "{name}"),
        Governance.delete_role: changes("roles:write", "{name}"),
        Governance.put_policy: changes("policies:write", "{name}"),
        Governance.delete_policy: changes("policies:write", "{name}"),
    },
    strangers=frozenset({Governance.record}),
    needs=(Database, Outbox, Secrets, Clock, CollectorRegistry, GovernanceSettings),
    settings=GovernanceSettings,
    migrations="tulou.services.governance.migrations",
    routes=router,
    handlers=GovernanceHandlers,
    topics={REQUESTS_REFUSED: GovernanceHandlers.on_refused},
)
