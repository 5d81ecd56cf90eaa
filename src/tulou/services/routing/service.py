"""The use cases of routing."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import structlog

from tulou.chassis.newest import Newest
from tulou.chassis.outbox import Outbox
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import WatchReplicas
from tulou.contracts.routing.events import BREAKERS_RESET, ROUTE_CHANGED, BreakersReset, RouteChanged
from tulou.contracts.routing.messages import (
    ListRoutes,
    NameRoute,
    ResetBreakers,
    Route,
    RouteList,
    Snapshot,
    WatchSnapshot,
)
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, NotFoundError, TulouError
from tulou.kernel.message import Done
from tulou.ports.database import Database
from tulou.services.routing import domain, store
from tulou.services.routing.settings import RoutingSettings
from tulou.services.routing.sources import Sources

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

EPOCH = "breaker_epoch"
AGAIN_S = 0.5


class RoutingService:
    """Routes in the database, and the newest snapshot in memory."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        sources: Sources,
        discovery: Discovery,
        *,
        house: str,
        clock: Clock,
        settings: RoutingSettings,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._sources = sources
        self._discovery = discovery
        self._house = house
        self._clock = clock
        self._settings = settings
        self._newest = Newest[Snapshot]("the snapshot", watchers=settings.watchers)
        self._stirred = asyncio.Event()
        self._revision = 0

    async def snapshot(self, request: WatchSnapshot) -> Snapshot:  # noqa: ARG002 - the contract's shape
        """Return the snapshot as it is now, composing the first one if need be."""
        return self._newest.value or await self._compose()

    def watch(self, request: WatchSnapshot) -> AsyncGenerator[Snapshot]:
        """Yield the snapshot now and at every change; a slow gateway skips to the newest."""
        log.info("gateway_watches", gateway=request.gateway, applied=request.applied)
        return self._newest.watch()

    async def put_route(self, request: Route) -> Route:
        """Make or replace a route; raise what names an impossible part of it."""
        deployments = [item.spec.name for item in await self._sources.deployments()]
        async with self._database.transaction() as tx:
            others = {model: route for model, route in (await store.routes(tx)).items() if model != request.model}
            domain.check(request, deployments=deployments, routes=others)
            await store.put(tx, request, at=self._clock.now(), by=CONTEXT.get().principal)
            await self._outbox.add(tx, ROUTE_CHANGED, RouteChanged(model=request.model))
        return request

    async def delete_route(self, request: NameRoute) -> Done:
        """Remove a route; raise `NotFoundError` for an unknown one, `ConflictError` for an implicit one."""
        async with self._database.transaction() as tx:
            if not await store.remove(tx, request.model):
                await self._refuse(request.model)
            await self._outbox.add(tx, ROUTE_CHANGED, RouteChanged(model=request.model))
        return Done()

    async def routes(self, request: ListRoutes) -> RouteList:  # noqa: ARG002 - the contract's shape
        """Return all routes, implicit ones too."""
        names = [item.spec.name for item in await self._sources.deployments()]
        async with self._database.reading() as tx:
            made = await store.routes(tx)
        return RouteList(items=domain.with_implicit(made.values(), names))

    async def reset_breakers(self, request: ResetBreakers) -> Done:  # noqa: ARG002 - the contract's shape
        """Close every breaker of every gateway by raising the snapshot's epoch."""
        async with self._database.transaction() as tx:
            await store.raise_counter(tx, EPOCH)
            await self._outbox.add(tx, BREAKERS_RESET, BreakersReset())
        return Done()

    def stir(self) -> None:
        """Say that something a snapshot is made of has changed."""
        self._stirred.set()

    async def follow(self) -> None:
        """Publish a new snapshot after every change until cancelled.

        The first waits until the replicas of an earlier life have had the time to announce themselves, so that a
        control process that was started again never tells the gateways that nothing lives.
        """
        await asyncio.sleep(self._settings.settle_s)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_discovery())
            group.create_task(self._publish_forever())

    async def _publish_forever(self) -> None:
        while True:
            self._stirred.clear()
            try:
                self._publish(await self._compose())
            except TulouError as error:
                log.warning("snapshot_not_composed", error=str(error))
                await asyncio.sleep(AGAIN_S)
                continue
            await self._rest()

    def _publish(self, snapshot: Snapshot) -> None:
        """Publish a snapshot that says something new."""
        before = self._newest.value
        if before is None or replace(snapshot, revision=0, issued_at=0) != replace(before, revision=0, issued_at=0):
            self._newest.publish(snapshot)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._settings.refresh_s):
                await self._stirred.wait()
        except TimeoutError:
            return
        await asyncio.sleep(self._settings.gather_s)

    async def _follow_discovery(self) -> None:
        while True:
            try:
                async for _ in self._discovery.watch(WatchReplicas()):
                    self.stir()
            except TulouError as error:
                log.warning("discovery_not_followed", error=str(error))
            await asyncio.sleep(AGAIN_S)

    async def _compose(self) -> Snapshot:
        known = await self._sources.all()
        live = await self._discovery.replicas(WatchReplicas())
        async with self._database.reading() as tx:
            made, epoch = await store.routes(tx), await store.counter(tx, EPOCH)
        targets = domain.targets(known.deployments, live.replicas)
        return Snapshot(
            revision=self._next_revision(),
            house=self._house,
            issued_at=self._clock.now(),
            grants=domain.grants(known.grants),
            routes=domain.with_implicit(made.values(), [target.deployment for target in targets]),
            targets=targets,
            breaker_epoch=epoch,
            limits=known.limits,
            prices=known.prices,
            policies=known.policies,
        )

    def _next_revision(self) -> int:
        """Grow by the clock's milliseconds, so that no restart of the control plane repeats a revision."""
        self._revision = max(self._revision + 1, int(self._clock.now() * 1000))
        return self._revision

    async def _refuse(self, model: str) -> None:
        if model in {item.spec.name for item in await self._sources.deployments()}:
            raise ConflictError(f"the route of {model!r} comes with its deployment; delete that, or put another route")
        raise NotFoundError(f"no route of a model named {model!r}; `GET /api/v1/routes` lists those there are")
