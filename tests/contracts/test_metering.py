"""What the ledger promises, however it is reached."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from random import Random

import pytest
from msgspec import Raw

from tests.contracts.bindings import Binding, bound
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import (
    Bucket,
    Entry,
    IngestEntries,
    ListEntries,
    ListPrices,
    NamePrice,
    Order,
    Price,
    PutPrices,
    Recompute,
    Units,
    UsageQuery,
    UsageRow,
)
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.services.metering.component import COMPONENT
from tulou.services.metering.settings import MeteringSettings
from tulou.testing.house import SmallHouse

DAY = 86_400.0
ENTRY = Entry(
    id="entry_1",
    at=0.0,
    request_id="req_1",
    tenant="red",
    project="web",
    principal="ada",
    key="key_1",
    endpoint="chat",
    model="demo",
    status=200,
    served_by="gpt-4o",
    provider="openai",
    units=Units(input=1_000, output=100),
    counted="reported",
    cost=7,
    price=1,
    tags=(("app", "shop"),),
)


@pytest.fixture
async def metering(house: SmallHouse, binding: Binding) -> AsyncGenerator[Metering]:
    async with JOBS.build(house.provided({JobsSettings: JobsSettings(wait_s=0)})) as jobs:
        provided = house.provided({Jobs: jobs, MeteringSettings: MeteringSettings(batch=100)})
        async with COMPONENT.build(provided) as service, bound(COMPONENT, service, binding) as reached:
            yield reached


@pytest.fixture
def entry(house: SmallHouse) -> Entry:
    return replace(ENTRY, at=house.clock.now() - 60)


async def test_an_entry_counts_once_however_often_it_is_shipped(metering: Metering, entry: Entry) -> None:
    other = replace(entry, id="entry_2", tenant="blue", cost=5)
    first = await metering.ingest(IngestEntries.of("g", (entry, entry, other)))
    again = await metering.ingest(IngestEntries.of("h", (other, entry)))
    assert ((first.new, first.known), (again.new, again.known)) == ((2, 1), (0, 2))
    query = UsageQuery(start=entry.at, end=entry.at + 1, group_by=("tenant",))
    report = await metering.usage(query)
    assert [(row.group, row.requests, row.units.input, row.cost) for row in report.rows] == [
        (("blue",), 1, 1_000, 5),
        (("red",), 1, 1_000, 7),
    ]


async def test_entries_come_back_as_they_were_shipped_newest_first(metering: Metering, entry: Entry) -> None:
    later = replace(entry, id="entry_2", at=entry.at + 1, batch=True, first_token_ms=3.5, final=False)
    await metering.ingest(IngestEntries.of("g", (entry, later)))
    page = await metering.entries(ListEntries(limit=1))
    assert page.items == (later,)
    assert page.next
    rest = await metering.entries(ListEntries(limit=1, after=page.next))
    assert (rest.items, rest.next) == ((entry,), None)
    assert (await metering.entries(ListEntries(filters=(("model", "other"),)))).items == ()


async def test_what_no_ledger_can_hold_is_set_aside_and_holds_nothing_up(metering: Metering, entry: Entry) -> None:
    absurd = (
        replace(entry, id="a", units=Units(input=-1)),
        replace(entry, id="b", at=entry.at + 10 * DAY),
        replace(entry, id="c", model="x\0"),
    )
    good = IngestEntries.of("g", (*absurd, entry)).entries
    none = (Raw(b'{"id":"d"}'), Raw(b'{"id":"e","at":"now"}'), Raw(b"[]"))
    told = await metering.ingest(IngestEntries(gateway="g", entries=(*none, *good)))
    assert (told.new, told.known, told.quarantined) == (1, 0, 6)
    with pytest.raises(InvalidError, match="at most 100"):
        await metering.ingest(IngestEntries.of("g", (entry,) * 101))


async def test_a_report_that_is_cut_goes_on_where_it_was(metering: Metering, entry: Entry) -> None:
    entries = tuple(replace(entry, id=f"e{number}", key=f"key_{number % 7}") for number in range(21))
    await metering.ingest(IngestEntries.of("g", entries))
    query = UsageQuery(start=entry.at - DAY, end=entry.at + DAY, bucket="all", group_by=("key", "tenant"), limit=3)
    seen: list[tuple[str, ...]] = []
    while True:
        report = await metering.usage(query)
        seen += [row.group for row in report.rows]
        if report.next is None:
            break
        query = replace(query, after=report.next)
    assert seen == [(f"key_{number}", "red") for number in range(7)]
    with pytest.raises(InvalidError, match="after"):
        await metering.usage(replace(query, after="nonsense"))


@pytest.mark.parametrize("order", ["cost", "tokens", "requests"])
@pytest.mark.parametrize("bucket", ["day", "all"])
async def test_the_groups_with_the_most_come_first_page_by_page(
    metering: Metering, entry: Entry, order: Order, bucket: Bucket
) -> None:
    random = Random(7)  # noqa: S311 - a test's dice
    entries = [
        replace(
            entry,
            id=f"e{number}",
            at=entry.at - random.randrange(3) * DAY,
            key=f"key_{random.randrange(9)}",
            units=Units(input=random.randrange(3), output=random.randrange(3)),
            cost=random.randrange(4),
        )
        for number in range(60)
    ]
    await metering.ingest(IngestEntries.of("g", entries))
    query = UsageQuery(start=entry.at - 3 * DAY, end=entry.at + DAY, bucket=bucket, group_by=("key",))

    def amount(row: UsageRow) -> int:
        return {"cost": row.cost, "tokens": row.units.input + row.units.output, "requests": row.requests}[order]

    expected = sorted((await metering.usage(query)).rows, key=lambda row: (-amount(row), row.start, row.group))
    seen: list[UsageRow] = []
    query = replace(query, order=order, limit=2)
    while query.after or not seen:
        report = await metering.usage(query)
        seen += report.rows
        query = replace(query, after=report.next or "")
    assert seen == expected
    first = await metering.usage(replace(query, after=""))
    with pytest.raises(InvalidError, match="after"):
        await metering.usage(replace(query, order="time", after=first.next or ""))


async def test_prices_have_versions_and_only_changes_make_new_ones(metering: Metering) -> None:
    price = Price(model="gpt-4o", provider="openai", input=2.5, output=10.0)
    assert (await metering.put_price(price)).version == 1
    put = await metering.put_prices(PutPrices(items=(price, Price(model="*"))))
    assert (put.version, put.changed) == (2, 1)
    assert (await metering.put_prices(PutPrices(items=(price,)))).changed == 0
    later = replace(price, since=100.0, input=5.0)
    await metering.put_price(later)
    book = await metering.prices(ListPrices(at=50.0))
    assert book.version == 3
    assert {(one.model, one.input) for one in book.items} == {("*", 0.0), ("gpt-4o", 2.5)}
    await metering.delete_price(NamePrice(model="gpt-4o", provider="openai", since=100.0))
    with pytest.raises(NotFoundError, match="tulou prices list"):
        await metering.delete_price(NamePrice(model="gpt-4o", provider="openai", since=100.0))
    with pytest.raises(InvalidError) as refused:
        await metering.put_price(Price(model="m", output=-1.0))
    assert refused.value.param == "output"


async def test_callers_see_their_own_tenant_and_the_house_sees_all(metering: Metering, entry: Entry) -> None:
    await metering.ingest(IngestEntries.of("g", (entry, replace(entry, id="e2", tenant="blue"))))
    query = UsageQuery(start=entry.at, end=entry.at + 1, bucket="hour", group_by=("tenant",))
    token = CONTEXT.set(Context(actor=KeyActor(tenant="red", principal="ada"), tenant_wide=True))
    try:
        assert [row.group for row in (await metering.usage(query)).rows] == [("red",)]
        assert {one.tenant for one in (await metering.entries(ListEntries())).items} == {"red"}
        with pytest.raises(ForbiddenError):
            await metering.usage(replace(query, filters=(("tenant", "blue"),)))
        with pytest.raises(ForbiddenError):
            await metering.put_price(Price(model="m"))
        CONTEXT.set(Context(actor=KeyActor(tenant="red", principal="ada"), house=True))
        assert [row.group for row in (await metering.usage(query)).rows] == [("blue",), ("red",)]
    finally:
        CONTEXT.reset(token)


async def test_recomputing_is_a_job_and_asking_twice_is_one(metering: Metering, entry: Entry) -> None:
    request = Recompute(start=entry.at - 1, end=entry.at + 1)
    first = await metering.recompute(request)
    assert await metering.recompute(request) == first
    assert await metering.recompute(replace(request, model="m" * 200)) != first
    await metering.put_price(Price(model="m", input=1.0))
    assert await metering.recompute(request) != first  # the first may have passed what this price changes
    with pytest.raises(InvalidError):
        await metering.recompute(Recompute(start=1.0, end=1.0))
