"""A whole gateway over real sockets, with a routing service that says what a test tells it."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import httpx2
from prometheus_client import CollectorRegistry

from tulou.chassis.house import House
from tulou.chassis.provided import Provided
from tulou.chassis.telemetry.traces import Export, Tracing
from tulou.contracts.discovery.messages import Replica
from tulou.contracts.metering.api import Metering
from tulou.contracts.responses.api import Responses
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import Endpoint, Grant, Route, Snapshot, Target, Update, WatchSnapshot
from tulou.contracts.upstreams.api import Upstreams
from tulou.http.server.guard import GuardLimits
from tulou.http.server.server import serving
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import UnavailableError
from tulou.ports.allowances import Allowances
from tulou.rules.routing.ring import whole
from tulou.services.gateway.component import build
from tulou.services.gateway.http.app import build_app
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.stack.backend import PATHS
from tulou.services.gateway.tests.house import FakeAllowances, FakeMetering, FakeResponses, FakeUpstreams
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client

SECRET = "sk-tulou-test"
TOKEN = "the house's own token"
AUTH = {"authorization": f"Bearer {SECRET}"}


class FakeRouting:
    """Says what `say` was last given; while `away`, its line is dead."""

    def __init__(self) -> None:
        self.away = False
        self._said: Snapshot | None = None
        self._news = asyncio.Event()

    def say(self, snapshot: Snapshot) -> None:
        self._said = snapshot
        self._news.set()

    def break_line(self) -> None:
        self.away = True
        self._news.set()

    async def watch(self, request: WatchSnapshot) -> AsyncIterator[Update]:
        del request
        while True:
            if self.away:
                raise UnavailableError("control is away")
            self._news.clear()
            if self._said is not None:
                yield whole(self._said)
            await self._news.wait()


@dataclass
class RunningGate:
    """What a test holds of a gateway that runs."""

    url: str
    service: GatewayService
    routing: FakeRouting
    registry: CollectorRegistry
    http: httpx2.AsyncClient
    directory: Path
    metering: FakeMetering
    responses: FakeResponses
    upstreams: FakeUpstreams
    allowances: FakeAllowances
    revision: int = 1
    spans: list[Any] = field(default_factory=list[Any])

    async def tell(self, snapshot: Snapshot) -> None:
        """Have a snapshot applied."""
        self.routing.say(snapshot)
        await eventually(lambda: in_force(self.service) == in_order(snapshot))

    async def chat(self, **changes: Any) -> httpx2.Response:
        """Ask a question, with the test's key."""
        return await self.http.post("/v1/chat/completions", json=question(**changes), headers=AUTH)

    def stream(self, endpoint: Endpoint) -> AbstractAsyncContextManager[httpx2.Response]:
        """Ask for a stream, with the test's key."""
        turns = {"input": "hi"} if endpoint == "responses" else {"messages": [{"role": "user", "content": "hi"}]}
        asked = {"model": "tiny", "stream": True, **turns, **({"max_tokens": 9} if endpoint == "messages" else {})}
        return self.http.stream("POST", PATHS[endpoint], json=asked, headers=AUTH)

    def value(self, name: str, **labels: str) -> float:
        """Return a metric's value, 0 when there is none."""
        return self.registry.get_sample_value(name, labels) or 0.0


def in_force(service: GatewayService) -> Snapshot | None:
    """Return the snapshot that a gateway answers from."""
    return service.live.mirror and in_order(service.live.mirror.snapshot)


def in_order(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot whose keys and limits, which have no order, are in one."""
    grants, limits = sorted(snapshot.grants, key=attrgetter("key")), sorted(snapshot.limits, key=attrgetter("name"))
    return replace(snapshot, grants=tuple(grants), limits=tuple(limits))


def question(**changes: Any) -> dict[str, Any]:
    return {"model": "tiny", "messages": [{"role": "user", "content": "hi"}], **changes}


def grant(secret: str = SECRET, **changes: Any) -> Grant:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    told: dict[str, Any] = {"key": "key_1", "tenant": "default", "principal": "admin", "scopes": ("inference",)}
    return Grant(digest=digest, **(told | changes))


def target(
    *replicas: Replica, deployment: str = "tiny", endpoints: tuple[Endpoint, ...] = ("chat", "completions")
) -> Target:
    return Target(deployment=deployment, endpoints=endpoints, replicas=replicas, created_at=1_700_000_000.0)


def snapshot(
    *targets: Target,
    routes: Sequence[Route] = (),
    grants: Sequence[Grant] | None = None,
    revision: int = 1,
    epoch: int = 0,
) -> Snapshot:
    return Snapshot(
        revision=revision,
        house="test",
        issued_at=1_700_000_000.0,
        grants=tuple(grants) if grants is not None else (grant(),),
        routes=tuple(routes),
        targets=targets,
        breaker_epoch=epoch,
    )


@asynccontextmanager
async def gate(
    directory: Path,
    first: Snapshot | None = None,
    *,
    settings: GatewaySettings | None = None,
    limits: GuardLimits | None = None,
    control_url: str = "http://127.0.0.1:9",
    export: Export | None = None,
    clock: Clock | None = None,
) -> AsyncGenerator[RunningGate]:
    """Run a gateway as long as the block runs; it has applied `first` when the block begins."""
    routing, registry = FakeRouting(), CollectorRegistry()
    metering, responses, upstreams = FakeMetering(), FakeResponses(), FakeUpstreams()
    allowances = FakeAllowances()
    house = House(name="test", directory=directory, control_url=control_url, token=TOKEN, blobs="", process="gateway-0")
    things: dict[type[Any], object] = {
        House: house,
        Clock: clock or SystemClock(),
        CollectorRegistry: registry,
        GatewaySettings: settings or GatewaySettings(ledger_every_s=0.05),
        Routing: routing,
        Metering: metering,
        Responses: responses,
        Upstreams: upstreams,
        Allowances: allowances,
        Tracing: Tracing(export),
    }
    if first is not None:
        routing.say(first)
    else:
        routing.away = True
    async with (
        build(Provided(things)) as service,
        serving(build_app(service), drain_s=0.2, limits=limits) as url,
        http_client(url) as http,
    ):
        if first is not None:
            await eventually(lambda: in_force(service) == in_order(first))
        yield RunningGate(url, service, routing, registry, http, directory, metering, responses, upstreams, allowances)
