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
from tulou.contracts.metering import api
from tulou.contracts.metering.api import Metering
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.ports.database import Database
from tulou.services.metering.counters import MeteringCounters
from tulou.services.metering.handlers import MeteringHandlers
from tulou.services.metering.http import organization, router
from tulou.services.metering.intake import Intake
from tulou.services.metering.pricing import Pricing
from tulou.services.metering.quarantine import Quarantine
from tulou.services.metering.recomputing import Recomputing
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
    intake = Intake(database, outbox, clock=clock, settings=settings, counters=counters)
    quarantine = Quarantine(database, intake, clock=clock, counters=counters)
    service = MeteringService(
        intake,
        pricing,
        Reporting(database, clock=clock, settings=settings),
        quarantine=quarantine,
        recomputing=Recomputing(database, pricing, clock=clock, settings=settings),
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
    operations={
        api.INGEST: "ingest",
        api.PRICES: "prices",
        api.PUT_PRICE: "put_price",
        api.PUT_PRICES: "put_prices",
        api.VALIDATE_PRICES: "validate_prices",
        api.DELETE_PRICE: "delete_price",
        api.USAGE: "usage",
        api.ENTRIES: "entries",
        api.RECOMPUTE: "recompute",
        api.QUARANTINE: "quarantine",
        api.REQUEUE: "requeue",
        api.CORRECT: "correct",
        api.DISCARD: "discard",
    },
    changes={
        api.PUT_PRICE: changes("prices:write"),
        api.PUT_PRICES: changes("prices:write", "import"),
        api.DELETE_PRICE: changes("prices:write"),
        api.RECOMPUTE: changes("usage:write", "recompute"),
        api.REQUEUE: changes("ledger:write", "quarantine/requeue"),
        api.CORRECT: changes("ledger:write", "quarantine/{digest}"),
        api.DISCARD: changes("ledger:write", "quarantine/{digest}"),
    },
    needs=(Database, Outbox, Clock, Jobs, CollectorRegistry, MeteringSettings),
    settings=MeteringSettings,
    migrations="tulou.services.metering.migrations",
    routes=router,
    inference_routes=organization,
    handlers=MeteringHandlers,
    jobs={RECOMPUTE_JOB: "recompute"},
)
