"""The ledger's sum is what the documents say, whatever route, alias, split, fallback, hedge and price led to it.

`TULOU_BILL_REQUESTS` says how many requests are made, 20,000 unless it does.
"""

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from tests.integration.money.oracle import Oracle
from tests.integration.money.vendors import Sale, Vendors
from tests.integration.money.world import ENDPOINTS, SPAN_S, START, World, prices_of, world_of
from tulou.chassis.http.client import Client, ClientLimits
from tulou.chassis.telemetry.traces import Tracing
from tulou.contracts.metering.messages import (
    Entry,
    IngestEntries,
    ListPrices,
    NamePrice,
    PriceList,
    PutPrices,
    Recompute,
    UsageQuery,
)
from tulou.contracts.routing.messages import Grant, Snapshot
from tulou.kernel.errors import TulouError
from tulou.services.gateway.endpoints.catalogue import WAYS
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.http.request_ledger import RequestLedger
from tulou.services.gateway.ledger import LedgerWriter
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.quota.settings import QuotaSettings
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.snapshot.mirror import SnapshotMirror
from tulou.services.gateway.snapshot.plan import PlanCompiler, RequestPlan, lane_of
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.backends import Backends
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.room import AnswerRoom
from tulou.services.gateway.stack.ways.ways import UpstreamCalls
from tulou.services.gateway.tests.builders import Notes
from tulou.services.gateway.tests.house import FakeAllowances
from tulou.services.metering.tests.ledgers import Ledger, run_of
from tulou.testing.clock import ManualClock
from tulou.testing.house import open_house

REQUESTS = int(os.environ.get("TULOU_BILL_REQUESTS", "20000"))
WORLDS = 20
SEED = 20_261_201
BATCH = 500
GRANT = Grant(key="key_1", digest="00", tenant="t", principal="p", scopes=("inference",))

Group = tuple[str, ...]


@dataclass
class Gateway:
    """The parts of a gateway between a request that was read and its entry in the ledger."""

    clock: ManualClock
    random: Random
    entries: list[bytes] = field(default_factory=list[bytes])

    def __post_init__(self) -> None:
        self.books = RequestLedger(cast("LedgerWriter", SimpleNamespace(write=self.entries.append)), self.clock)
        self.client = Client(ClientLimits())
        site = StageResources(
            client=self.client,
            clock=self.clock,
            settings=GatewaySettings(),
            tracing=Tracing(None),
            prober=cast("object", SimpleNamespace(watch=lambda _: None)),  # type: ignore[arg-type]
            notes=Notes(),
            reports=cast("object", SimpleNamespace()),  # type: ignore[arg-type]
            room=AnswerRoom(total=2**26, share=0.5, answer_bytes=2**26),
            ways=WAYS,
            random=self.random,
            unix_ns=time.time_ns,
        )
        counters = QuotaCounters(CollectorRegistry())
        keeper = QuotaKeeper(FakeAllowances(), clock=self.clock, settings=QuotaSettings(), counters=counters)
        self.planner = PlanCompiler(site, Backends(clock=self.clock), {}, keeper)

    def plan(self, world: World, prices: PriceList) -> RequestPlan:
        """Return what a snapshot of the house comes to."""
        told = Snapshot(
            revision=1,
            house="h",
            issued_at=0.0,
            grants=(),
            routes=world.routes,
            targets=world.targets,
            prices=prices,
        )
        return self.planner.compile(SnapshotMirror.of(told))

    async def ask(self, plan: RequestPlan) -> None:
        """Make one request as the gate does once it is read, and settle it."""
        endpoint = self.random.choice(ENDPOINTS)
        lane = lane_of(plan, endpoint, self.random.choice(sorted(plan.models)), GRANT)
        record = Record(endpoint, "r", self.clock.monotonic())
        record.prices, record.grant, record.asked = plan.prices, GRANT, lane.model
        body = b"x" * self.random.randrange(1, 2_000)
        call = record.call = Call(
            endpoint=endpoint,
            model=lane.model,
            body=body,
            stream=False,
            grant=GRANT,
            request_id="r",
            started=0.0,
        )
        call.batch = self.random.random() < 0.2
        try:
            answer = await lane.stack(call)
            record.status, record.backend = answer.status, answer.backend
        except TulouError as error:
            record.error, record.status = error, error.status
        self.books.settle(record)
        record.error = None


async def ship(ledger: Ledger, entries: list[bytes], random: Random) -> None:
    """Bring entries to metering, some of them twice."""
    for first in range(0, len(entries), BATCH):
        batch = tuple(msgspec.Raw(body) for body in entries[first : first + BATCH])
        for _ in range(random.choice((1, 1, 2))):
            await ledger.intake.ingest(IngestEntries(gateway="g", entries=batch))


async def billed(ledger: Ledger) -> tuple[Counter[Group], Counter[str]]:
    """Return what the sums say by route, vendor and model, and how many attempts nothing, or a name alone, prices."""
    span = UsageQuery(
        start=START - 3_600,
        end=START + 10 * SPAN_S,
        bucket="all",
        group_by=("served_by", "provider", "upstream_model"),
        limit=5_000,
    )
    report = await ledger.reporting.usage(span)
    costs = Counter({row.group: row.cost for row in report.rows if row.cost})
    signs = Counter(none=sum(row.unpriced for row in report.rows))
    signs["name"] = sum(row.priced_by_name for row in report.rows)
    return costs, signs


def expected(oracle: Oracle, sales: list[Sale]) -> tuple[Counter[Group], Counter[str]]:
    costs: Counter[Group] = Counter()
    signs: Counter[str] = Counter(none=0, name=0)
    for sale in sales:
        costs[oracle.group(sale)] += oracle.cost(sale)
        by = oracle.by(sale)
        if by == "none" and oracle.own(sale):
            continue
        signs["name" if by in ("deployment", "route") else by] += 1
    return +costs, Counter({name: signs[name] for name in ("none", "name")})


async def live_through(seed: int, requests: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a house serve, prices begin and change meanwhile; check its bill, price all anew, and check it again."""
    random = Random(seed)  # noqa: S311 - a test's dice
    world = world_of(random)
    async with open_house("tulou.services.metering.migrations") as house:
        ledger = Ledger(house.database, house.outbox, house.clock)
        gateway = Gateway(house.clock, random)
        vendors = Vendors(random, house.clock, hedges=world.hedged.__contains__)

        def to(_: UpstreamCalls, call: Call, backend: Backend) -> Vendors:
            del call, backend
            return vendors

        monkeypatch.setattr(UpstreamCalls, "to", to)
        own = prices_of(random, count=random.randrange(1, 14))
        await ledger.pricing.put(PutPrices(items=own))
        plan = gateway.plan(world, await ledger.pricing.prices(ListPrices()))
        for _ in range(requests):
            await gateway.ask(plan)
            house.clock.advance(random.random() * 2 * SPAN_S / requests)
        await ship(ledger, gateway.entries, random)
        assert await billed(ledger) == expected(Oracle(world, own), vendors.sales)
        before = {entry.id: entry.cost for entry in await ledger.everything()}

        dropped = random.choice(own)
        name = NamePrice(model=dropped.model, provider=dropped.provider, since=dropped.since)
        await ledger.pricing.delete(name)
        changed = {(price.model, price.provider, price.since): price for price in own if price is not dropped}
        changed |= {(one.model, one.provider, one.since): one for one in prices_of(random, count=4)}
        await ledger.pricing.put(PutPrices(items=tuple(changed.values())))
        assert {entry.id: entry.cost for entry in await ledger.everything()} == before  # a change of prices alone

        whole = Recompute(start=START - 3_600, end=START + 10 * SPAN_S)
        await ledger.recomputing.run(run_of(whole))
        anew = expected(Oracle(world, tuple(changed.values())), vendors.sales)
        assert await billed(ledger) == anew
        entries = await ledger.everything()
        assert sum(entry.cost for entry in entries) == sum(anew[0].values())
        assert all(_is_told(entry) for entry in entries)
        await gateway.client.close()
    return len(vendors.sales)


def _is_told(entry: Entry) -> bool:
    """Say whether an entry names what answered and what its price was found by, if it was of use to anybody."""
    return entry.counted == "none" or bool(entry.upstream_model and entry.priced_by)


@pytest.mark.timeout(900)
async def test_the_ledgers_sum_is_what_the_documents_say_of_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    each = -(-REQUESTS // WORLDS)
    sales = [await live_through(SEED + number, each, monkeypatch) for number in range(WORLDS)]
    assert sum(sales) >= REQUESTS / 2
    assert min(sales) > 0
