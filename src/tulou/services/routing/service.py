"""The use cases of routing."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

import structlog

from tulou.chassis.newest import Newest
from tulou.chassis.outbox import Outbox
from tulou.chassis.validation import rejections
from tulou.contracts.discovery.messages import WatchReplicas
from tulou.contracts.identity.api import Identity
from tulou.contracts.routing.events import BREAKERS_RESET, ROUTE_CHANGED, BreakersReset, RouteChanged
from tulou.contracts.routing.messages import (
    ListRoutes,
    NameRoute,
    ResetBreakers,
    Route,
    RouteList,
    Snapshot,
    Update,
    ValidateRoutes,
    WatchSnapshot,
)
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, NotFoundError, TulouError, UnavailableError
from tulou.kernel.message import Done, Rejections
from tulou.ports.database import Database
from tulou.rules.routing.patterns import implicit_model
from tulou.rules.routing.pieces import pieces
from tulou.services.routing import domain, store
from tulou.services.routing.composer import Composer
from tulou.services.routing.history import SnapshotHistory
from tulou.services.routing.refresh import Scope
from tulou.services.routing.settings import RoutingSettings
from tulou.services.routing.sources import SnapshotServices, SnapshotSources

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

EPOCH = "breaker_epoch"
AGAIN_S = 0.5


class RoutingService:
    """Routes in the database, and the newest snapshot in memory."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        identity: Identity,
        neighbours: SnapshotServices,
        *,
        house: str,
        clock: Clock,
        settings: RoutingSettings,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._neighbours = neighbours
        self._clock = clock
        self._settings = settings
        self._chronicle = SnapshotHistory(house=house, most=settings.changes)
        asking = {**neighbours.asking(), "routes": self._made, "breaker_epoch": self._epoch}
        self._composer = Composer(SnapshotSources(asking), identity, neighbours.limits, self._chronicle, clock=clock)
        self._newest = Newest[int]("the snapshot", watchers=settings.watchers)
        self._stirred = asyncio.Event()

    async def snapshot(self, request: WatchSnapshot) -> Snapshot:  # noqa: ARG002 - the contract's shape
        """Return the snapshot as it is now; raise `UnavailableError` before the first is complete."""
        if not self._composer.complete:
            raise UnavailableError("there is no snapshot yet: the house has just started", retry_after_s=1.0)
        return self._chronicle.snapshot()

    async def watch(self, request: WatchSnapshot) -> AsyncGenerator[Update]:
        """Yield what is new now and at every change; a slow gateway gets several changes as one."""
        log.info("gateway_watches", gateway=request.gateway, applied=request.applied)
        known = request
        async with contextlib.aclosing(self._newest.watch()) as revisions:
            async for _ in revisions:
                update = self._chronicle.since(known)
                known = replace(request, applied=update.revision)
                for piece in pieces(update):
                    yield piece

    async def put_route(self, request: Route) -> Route:
        """Make or replace a route; raise what names an impossible part of it."""
        deployments = await self._wildcards()
        async with self._database.transaction() as tx:
            others = {model: route for model, route in (await store.routes(tx)).items() if model != request.model}
            domain.check(request, deployments=deployments, routes=others)
            await store.put(tx, request, at=self._clock.now(), by=CONTEXT.get().author)
            await self._outbox.add(tx, ROUTE_CHANGED, RouteChanged(model=request.model))
        return request

    async def validate_routes(self, request: ValidateRoutes) -> Rejections:
        """Say which routes would be refused among the others, and why; names of nothing are not looked for."""
        routes = {route.model: route for route in request.items}
        named = dict.fromkeys(request.deployments, False)
        named |= {share.deployment: False for route in request.items for share in route.shares}
        models = {model: Route(model=model, shares=()) for route in request.items for model in route.fallbacks}

        def check(route: Route) -> None:
            others = {model: other for model, other in (models | routes).items() if model != route.model}
            domain.check(route, deployments=named, routes=others)

        return rejections(routes.items(), check)

    async def delete_route(self, request: NameRoute) -> Done:
        """Remove a route; raise `NotFoundError` for an unknown one, `ConflictError` for an implicit one."""
        async with self._database.transaction() as tx:
            if not await store.remove(tx, request.model):
                await self._refuse(request.model)
            await self._outbox.add(tx, ROUTE_CHANGED, RouteChanged(model=request.model))
        return Done()

    async def routes(self, request: ListRoutes) -> RouteList:  # noqa: ARG002 - the contract's shape
        """Return all routes, implicit ones too."""
        made = await self._made()
        items = domain.answering(made, await self._wildcards())
        of_their_own = {route.model for route in made}
        return RouteList(items=items, implicit=tuple(one.model for one in items if one.model not in of_their_own))

    async def reset_breakers(self, request: ResetBreakers) -> Done:  # noqa: ARG002 - the contract's shape
        """Close every breaker of every gateway by raising the snapshot's epoch."""
        async with self._database.transaction() as tx:
            await store.raise_counter(tx, EPOCH)
            await self._outbox.add(tx, BREAKERS_RESET, BreakersReset())
        return Done()

    def stir(self, *parts: str) -> None:
        """Say that something a snapshot has beside its keys and limits has changed."""
        self._composer.parts.update(parts)
        self._stirred.set()

    def stir_key(self, key: str) -> None:
        """Say that a key was made or ended."""
        self._composer.keys.errands.ask_for([key])
        self._stirred.set()

    def stir_limit(self, name: str) -> None:
        """Say that a limit was made, replaced or removed."""
        self._composer.limits.errands.ask_for([name])
        self._stirred.set()

    def stir_owner(self, tenant: str, principal: str = "") -> None:
        """Say that a tenant or one of its principals has changed, and with it what their keys may."""
        self._composer.keys.errands.sweep(Scope(tenant, principal))
        self._stirred.set()

    def stir_all(self) -> None:
        """Say that anything may have changed."""
        self._composer.look_again()
        self._stirred.set()

    async def follow(self) -> None:
        """Publish what is new after every change until cancelled.

        The first waits until the replicas of an earlier life have had the time to announce themselves, so that a
        control process that was started again never tells the gateways that nothing lives.
        """
        await asyncio.sleep(self._settings.settle_s)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_discovery())
            group.create_task(self._publish_forever())

    async def _publish_forever(self) -> None:
        refresh_at = self._clock.monotonic() + self._settings.refresh_s
        while True:
            self._stirred.clear()
            all_heard = await self._composer.step()
            if self._composer.complete and self._newest.value != self._chronicle.revision:
                self._newest.publish(self._chronicle.revision)
            if not all_heard:
                await self._wait(AGAIN_S)
            elif self._composer.idle:
                await self._wait(refresh_at - self._clock.monotonic())
            if self._clock.monotonic() >= refresh_at:
                self._composer.refresh()
                refresh_at = self._clock.monotonic() + self._composer.refresh_in_s(self._settings.refresh_s)
            await asyncio.sleep(self._settings.gather_s)

    async def _made(self) -> tuple[Route, ...]:
        async with self._database.reading() as tx:
            return tuple((await store.routes(tx)).values())

    async def _wildcards(self) -> Mapping[str, bool]:
        """Return the deployments by name, and whether each answers for many models."""
        return {item.spec.name: domain.is_wildcard(item) for item in await self._neighbours.deployments()}

    async def _epoch(self) -> int:
        async with self._database.reading() as tx:
            return await store.counter(tx, EPOCH)

    async def _wait(self, at_most_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self._stirred.wait()

    async def _follow_discovery(self) -> None:
        while True:
            try:
                async for _ in self._neighbours.discovery.watch(WatchReplicas()):
                    self.stir("replicas")
            except TulouError as error:
                log.warning("discovery_not_followed", error=str(error))
            await asyncio.sleep(AGAIN_S)

    async def _refuse(self, model: str) -> None:
        if model in {implicit_model(name, wildcard=many) for name, many in (await self._wildcards()).items()}:
            raise ConflictError(f"the route of {model!r} comes with its deployment; delete that, or put another route")
        raise NotFoundError(f"no route of a model named {model!r}; `GET /api/v1/routes` lists those there are")
