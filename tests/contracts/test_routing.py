"""Routing behaves the same whether it is the object itself, a loopback of bytes, or another process."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.contracts.bindings import BINDINGS, Binding, bound, opened
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Announce, NameReplica, Replica
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import GetPolicySet, PolicySet
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import CreateKey, NameKey
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import LimitPage, ReadLimits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import ListPrices, PriceList
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import (
    WHOLE,
    ListRoutes,
    NameRoute,
    ResetBreakers,
    Route,
    Snapshot,
    TrafficShare,
    WatchSnapshot,
)
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import Deployment, DeploymentList, DeploymentSpec, ListDeployments, UpstreamTarget
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.ports.credentials import Credentials
from tulou.ports.openid import OpenIdProviders
from tulou.services.discovery.component import COMPONENT as DISCOVERY
from tulou.services.discovery.settings import DiscoverySettings
from tulou.services.gateway.snapshot.mirror import EMPTY
from tulou.services.identity.component import COMPONENT as IDENTITY
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.tests.fakes import NoCredentials, NoWeb, RoleBook
from tulou.services.routing.component import COMPONENT as ROUTING
from tulou.services.routing.settings import RoutingSettings
from tulou.testing.house import SmallHouse, open_house

MIGRATIONS = (IDENTITY.migrations, ROUTING.migrations)


class TwoDeployments:
    """As much of serving as routing asks for: one model, and one deployment of many."""

    async def deployments(self, request: ListDeployments) -> DeploymentList:
        del request
        upstreams = (UpstreamTarget(upstream="account", model="*"),)
        specs = (DeploymentSpec(name="demo"), DeploymentSpec(name="openai", upstreams=upstreams))
        return DeploymentList(items=tuple(map(_deployment, specs)))


def _deployment(spec: DeploymentSpec) -> Deployment:
    return Deployment(
        spec=spec,
        generation=1,
        version=1,
        task="chat",
        engine="llamacpp",
        context_length=512,
        state="ready",
        why="",
        since=0,
        created_at=0,
        replicas=(),
    )


class NothingMore:
    """No limits, no prices, no policies."""

    async def read(self, request: ReadLimits) -> LimitPage:
        del request
        return LimitPage(items=())

    async def prices(self, request: ListPrices) -> PriceList:
        del request
        return PriceList(items=(), version=0)

    async def policy_set(self, request: GetPolicySet) -> PolicySet:
        del request
        return PolicySet()


class Yard:
    """Routing over a binding, and what it watches."""

    def __init__(self, routing: Routing, identity: Identity, discovery: Discovery) -> None:
        self.routing = routing
        self.identity = identity
        self.discovery = discovery


@pytest.fixture(params=BINDINGS)
async def yard(request: pytest.FixtureRequest) -> AsyncGenerator[Yard]:
    binding: Binding = request.param
    async with open_house(*MIGRATIONS) as house, house.relaying(), _yard(house, binding) as made:
        yield made


@asynccontextmanager
async def _yard(house: SmallHouse, binding: Binding) -> AsyncGenerator[Yard]:
    identity_needs = {
        IdentitySettings: IdentitySettings(),
        Governance: RoleBook(),
        OpenIdProviders: NoWeb(),
        Credentials: NoCredentials(),
    }
    discovery_needs = {DiscoverySettings: DiscoverySettings()}
    async with (
        opened(IDENTITY, house, "direct", identity_needs) as identity,
        opened(DISCOVERY, house, "direct", discovery_needs) as discovery,
    ):
        needs = {
            Identity: identity,
            Discovery: discovery,
            Serving: TwoDeployments(),
            Limits: NothingMore(),
            Metering: NothingMore(),
            Governance: NothingMore(),
            RoutingSettings: RoutingSettings(settle_s=0),
        }
        async with (
            ROUTING.build(house.provided(needs)) as service,
            asyncio.TaskGroup() as group,
        ):
            handlers = ROUTING.handlers(service) if ROUTING.handlers else None
            assert handlers is not None
            listening = group.create_task(_listen(house, handlers))
            async with bound(ROUTING, service, binding) as routing:
                yield Yard(routing, identity, discovery)
            listening.cancel()


async def _listen(house: SmallHouse, handlers: object) -> None:
    async with house.events.subscribe(tuple(ROUTING.topics), group="routing") as deliveries:
        assert ROUTING.listening
        ROUTING.listening(handlers)
        async for delivery in deliveries:
            await ROUTING.topics[delivery.fact.topic](handlers, delivery.fact)
            await delivery.ack()


async def until(routing: Routing, condition: Callable[[Snapshot], bool]) -> Snapshot:
    """Return the first snapshot that is as it should be, as a gateway learns it."""
    mirror = EMPTY
    async with asyncio.timeout(60):
        async for update in routing.watch(WatchSnapshot(gateway="test")):
            assert update.since in (WHOLE, mirror.standing.revision)
            mirror = mirror.updated(update)
            assert mirror.digest == update.digest
            if condition(mirror.snapshot):
                return mirror.snapshot
    raise AssertionError("the watch ended")


def replica(name: str) -> Replica:
    return Replica(id=name, deployment="demo", generation=1, url="http://127.0.0.1:1")


async def test_a_new_key_is_in_the_snapshot_and_a_revoked_one_is_not(yard: Yard) -> None:
    made = await yard.identity.create_key(CreateKey(name="mine"))
    found = await until(yard.routing, lambda snapshot: bool(snapshot.grants))
    assert [grant.key for grant in found.grants] == [made.key.id]

    await yard.identity.revoke_key(NameKey(id=made.key.id))

    await until(yard.routing, lambda snapshot: not snapshot.grants)


async def test_a_replica_is_in_the_snapshot_from_its_announcement_to_its_draining(yard: Yard) -> None:
    await yard.discovery.announce(Announce(replica=replica("one"), ttl_s=60))
    await until(yard.routing, lambda snapshot: bool(snapshot.targets[0].replicas))

    await yard.discovery.drain(NameReplica(id="one"))

    await until(yard.routing, lambda snapshot: not snapshot.targets[0].replicas)


async def test_a_route_is_made_listed_and_removed(yard: Yard) -> None:
    route = Route(model="fast", shares=(TrafficShare(deployment="demo"),), balance="round_robin")
    await yard.routing.put_route(route)

    listed = (await yard.routing.routes(ListRoutes())).items
    assert [item.model for item in listed] == ["demo", "fast", "openai/*"]
    await until(yard.routing, lambda snapshot: route in snapshot.routes)

    await yard.routing.delete_route(NameRoute(model="fast"))
    await until(yard.routing, lambda snapshot: route not in snapshot.routes)


async def test_a_route_that_cannot_work_is_refused(yard: Yard) -> None:
    with pytest.raises(NotFoundError, match="'ghost'"):
        await yard.routing.put_route(Route(model="m", shares=(TrafficShare(deployment="ghost"),)))
    with pytest.raises(InvalidError, match="circle"):
        await yard.routing.put_route(Route(model="m", shares=(TrafficShare(deployment="demo"),), fallbacks=("m",)))


async def test_a_route_that_comes_with_a_deployment_cannot_be_removed(yard: Yard) -> None:
    with pytest.raises(ConflictError, match="comes with its deployment"):
        await yard.routing.delete_route(NameRoute(model="demo"))
    with pytest.raises(NotFoundError, match="'ghost'"):
        await yard.routing.delete_route(NameRoute(model="ghost"))


async def test_the_routes_that_are_listed_are_those_that_the_gateways_go_by(yard: Yard) -> None:
    found = await until(yard.routing, lambda snapshot: bool(snapshot.routes))
    assert (await yard.routing.routes(ListRoutes())).items == found.routes

    made = Route(model="gpt/*", shares=(TrafficShare(deployment="openai"),))
    await yard.routing.put_route(made)

    found = await until(yard.routing, lambda snapshot: made in snapshot.routes)
    assert (await yard.routing.routes(ListRoutes())).items == found.routes


async def test_the_route_of_many_models_that_comes_with_a_deployment_cannot_be_removed(yard: Yard) -> None:
    with pytest.raises(ConflictError, match="comes with its deployment"):
        await yard.routing.delete_route(NameRoute(model="openai/*"))


async def test_the_revision_grows_and_a_reset_of_breakers_raises_the_epoch(yard: Yard) -> None:
    before = await until(yard.routing, lambda _: True)

    await yard.routing.reset_breakers(ResetBreakers())

    after = await until(yard.routing, lambda snapshot: snapshot.breaker_epoch > before.breaker_epoch)
    assert after.revision > before.revision
