"""The gateway as assembly sees it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from prometheus_client import CollectorRegistry

from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.http.client import Client, ClientLimits
from tulou.chassis.provided import Provided
from tulou.chassis.refusals import RefusalCounts
from tulou.chassis.telemetry.traces import Tracing
from tulou.chassis.telemetry.writer import TurningFile
from tulou.contracts.gateway.api import Gateway
from tulou.contracts.metering.api import Metering
from tulou.contracts.responses.api import Responses
from tulou.contracts.routing.api import Routing
from tulou.contracts.upstreams.api import Upstreams
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.ports.allowances import Allowances
from tulou.services.gateway.endpoints.catalogue import WAYS
from tulou.services.gateway.http.app import build_app
from tulou.services.gateway.http.strangers import Strangers
from tulou.services.gateway.ledger import LedgerCounters, LedgerWriter, open_ledger
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.reports import CredentialReports
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.snapshot.disk import SnapshotFile
from tulou.services.gateway.snapshot.grace import ReplicaGrace
from tulou.services.gateway.snapshot.live import LiveSnapshot
from tulou.services.gateway.snapshot.plan import PlanCompiler
from tulou.services.gateway.snapshot.watch import SnapshotWatcher
from tulou.services.gateway.stack.backends import Backends
from tulou.services.gateway.stack.heavy import Heavy
from tulou.services.gateway.stack.order import load_plugins
from tulou.services.gateway.stack.prober import BackendProber
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.room import AnswerRoom
from tulou.services.gateway.store_breaker import StoreBreaker
from tulou.services.gateway.telemetry.access import AccessLog
from tulou.services.gateway.telemetry.caps import SeriesCaps
from tulou.services.gateway.telemetry.counters import GatewayCounters, ReplicaCollector
from tulou.services.gateway.telemetry.siblings import Siblings
from tulou.services.gateway.turnstile import Turnstile


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[GatewayService]:
    """Open a gateway: it serves from the snapshot on disk at once, and from newer ones as they come."""
    settings, house = provided[GatewaySettings], provided[House]
    client = Client(ClientLimits(connections=settings.upstream_connections))
    prober = BackendProber(client, every_s=settings.probe_s)
    reports = CredentialReports(provided[Upstreams], gateway=house.process)
    ledger = open_ledger(
        house,
        provided[Metering],
        counters=LedgerCounters(provided[CollectorRegistry]),
        settings=settings.ledger,
    )
    async with ledger as written, asyncio.TaskGroup() as group:
        keeper = QuotaKeeper(
            provided[Allowances],
            clock=provided[Clock],
            settings=settings.quota,
            counters=QuotaCounters(provided[CollectorRegistry]),
        )
        service = _service(provided, settings, _Made(client, prober, reports, written, keeper))
        watcher = _watcher(provided, settings, service.live)
        watcher.load()
        endless = [watcher.follow(), watcher.save(), prober.run(), reports.run(), keeper.run()]
        strangers = Strangers(service)
        endless += [service.siblings.write_forever(), strangers.sum_up_forever(), _gauge(service)]
        if service.access is not None:
            endless.append(service.access.write_forever())
        with as_house("the gateway follows, counts and reports"):
            tasks = [group.create_task(work) for work in endless]
        try:
            yield service
        finally:
            for task in tasks:
                task.cancel()
            strangers.sum_up(service.refusals.take(ending=True))
            with as_house("what is left of limits is given back"):
                await keeper.close()
    await client.close()


class _Made(NamedTuple):
    """What runs beside the requests."""

    client: Client
    prober: BackendProber
    reports: CredentialReports
    ledger: LedgerWriter
    keeper: QuotaKeeper


def _service(provided: Provided, settings: GatewaySettings, made: _Made) -> GatewayService:
    house, clock, registry = provided[House], provided[Clock], provided[CollectorRegistry]
    caps = SeriesCaps(models=settings.models_cap, tenants=settings.tenants_cap, spots=settings.tenant_series_cap)
    counters = GatewayCounters(registry, caps)
    fleet = Backends(clock=clock)
    registry.register(ReplicaCollector(lambda: fleet))
    site = StageResources(
        client=made.client,
        clock=clock,
        settings=settings,
        tracing=provided[Tracing],
        prober=made.prober,
        notes=counters,
        reports=made.reports,
        room=AnswerRoom(total=settings.answers_bytes, share=settings.tenant_share, answer_bytes=settings.answer_bytes),
        heavy=Heavy(wait_s=settings.queue_s),
        ways=WAYS,
        unix_ns=time.time_ns,
    )
    return GatewayService(
        house=house,
        settings=settings,
        site=site,
        fleet=fleet,
        live=LiveSnapshot(PlanCompiler(site, fleet, load_plugins(), made.keeper), clock),
        counters=counters,
        turnstile=Turnstile(
            in_flight=settings.in_flight,
            queue=settings.queue,
            queue_s=settings.queue_s,
            bodies_bytes=settings.bodies_bytes,
            tenant_share=settings.tenant_share,
        ),
        access=_access_log(house, counters) if settings.access_log else None,
        ledger=made.ledger,
        responses=provided[Responses],
        refusals=RefusalCounts(clock, free=settings.wrong_keys),
        store_breaker=StoreBreaker(within_s=settings.responses_s, clock=clock),
        siblings=Siblings(house.run / "metrics", registry, process=house.process),
    )


def _access_log(house: House, counters: GatewayCounters) -> AccessLog:
    sink = TurningFile(house.log / f"{house.process}-access.log")
    return AccessLog(sink, process=house.process, lost=counters.log_lines_lost.inc)


def _watcher(provided: Provided, settings: GatewaySettings, live: LiveSnapshot) -> SnapshotWatcher:
    house, clock = provided[House], provided[Clock]
    grace = ReplicaGrace(clock=clock, for_s=settings.snapshot_grace_s)
    return SnapshotWatcher(
        provided[Routing], live, SnapshotFile(house.run, token=house.token), grace, gateway=house.process
    )


async def _gauge(service: GatewayService) -> None:
    """Keep the gauges true without asking requests to; forget short cuts to models that are gone."""
    counters = service.counters
    counters.in_flight.set_function(lambda: service.turnstile.inside)
    counters.queued.set_function(lambda: service.turnstile.queued)
    counters.revision.set_function(lambda: service.live.plan.revision if service.live.plan else -1)
    counters.age.set_function(lambda: service.live.age_s)
    while True:
        await asyncio.sleep(60)
        if service.live.plan is not None:
            counters.keep_only(service.live.plan.models)


COMPONENT = Component(
    name="gateway",
    plane="traffic",
    contract=Gateway,
    build=build,
    needs=(Routing, Responses, Upstreams, Metering, Allowances, Clock, House, CollectorRegistry, Tracing),
    settings=GatewaySettings,
    asgi=build_app,
)
