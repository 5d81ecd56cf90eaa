"""The metering service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.metering.api import Metering
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.ports.database import Database
from tulou.services.metering.counters import MeteringCounters
from tulou.services.metering.handlers import MeteringHandlers
from tulou.services.metering.http import organization, router
from tulou.services.metering.intake import EntryIntake
from tulou.services.metering.pricing import Pricing
from tulou.services.metering.quarantine import Quarantine
from tulou.services.metering.recomputing import RecomputeJob
from tulou.services.metering.reporting import Reporting
from tulou.services.metering.service import RECOMPUTE_JOB, MeteringService
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.sweeping import Sweeper


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[MeteringService]:
    """Open the ledger, and sweep it while it is open."""
    database, clock, settings = provided[Database], provided[Clock], provided[MeteringSettings]
    outbox = provided[Outbox]
    counters = MeteringCounters(provided[CollectorRegistry])
    pricing = Pricing(database, outbox, settings)
    intake = EntryIntake(database, outbox, clock=clock, settings=settings, counters=counters)
    quarantine = Quarantine(database, intake, clock=clock, counters=counters)
    service = MeteringService(
        intake,
        pricing,
        Reporting(database, clock=clock, settings=settings),
        quarantine=quarantine,
        recomputing=RecomputeJob(database, pricing, clock=clock, settings=settings),
        jobs=provided[Jobs],
    )
    async with asyncio.TaskGroup() as group:
        with as_house("metering forgets what is old"):
            sweeping = group.create_task(Sweeper(database, clock=clock, settings=settings, counters=counters).run())
        try:
            yield service
        finally:
            sweeping.cancel()


COMPONENT = Component(
    name="metering",
    plane="house",
    contract=Metering,
    build=build,
    changes={
        Metering.put_price: changes("prices:write"),
        Metering.put_prices: changes("prices:write", "import"),
        Metering.delete_price: changes("prices:write"),
        Metering.recompute: changes("usage:write", "recompute"),
        Metering.requeue: changes("ledger:write", "quarantine/requeue"),
        Metering.correct: changes("ledger:write", "quarantine/{digest}"),
        Metering.discard: changes("ledger:write", "quarantine/{digest}"),
    },
    needs=(Database, Outbox, Clock, Jobs, CollectorRegistry, MeteringSettings),
    settings=MeteringSettings,
    migrations="tulou.services.metering.migrations",
    routes=router,
    inference_routes=organization,
    handlers=MeteringHandlers,
    jobs={RECOMPUTE_JOB: MeteringHandlers.recompute},
)
