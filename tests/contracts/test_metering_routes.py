"""Usage, ledger and prices over HTTP, and to OpenAI's own client."""

import csv
import json
from collections.abc import AsyncGenerator
from dataclasses import asdict, replace
from io import StringIO

import httpx2
import msgspec
import openai
import pytest

from tests.contracts.test_metering import ENTRY
from tulou.chassis.rest import AuditReceivers, rest_app
from tulou.contracts.governance.messages import AuditEntry, RecordAudit
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import Entry, IngestEntries, ListEntries, Price, Units
from tulou.http.server.server import serving
from tulou.kernel.message import Done
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.services.metering.component import COMPONENT
from tulou.services.metering.http import organization, router
from tulou.services.metering.settings import MeteringSettings
from tulou.testing.house import SmallHouse
from tulou.testing.http import http_client

DAY = 86_400


async def anybody(_: Authenticate) -> Identified:
    return Identified(key="key_1", tenant="red", principal="ana", scopes=("admin",))


@pytest.fixture
async def metering(house: SmallHouse) -> AsyncGenerator[Metering]:
    async with JOBS.build(house.provided({JobsSettings: JobsSettings(wait_s=0)})) as jobs:
        provided = house.provided({Jobs: jobs, MeteringSettings: MeteringSettings()})
        async with COMPONENT.build(provided) as service:
            yield service


@pytest.fixture
async def url(metering: Metering) -> AsyncGenerator[str]:
    app = rest_app([router(metering)], inference=[organization(metering)], authenticate=anybody)
    async with serving(app) as base:
        yield base


@pytest.fixture
async def client(url: str) -> AsyncGenerator[httpx2.AsyncClient]:
    async with http_client(f"{url}/api/v1", headers={"x-api-key": "any"}) as http:
        yield http


@pytest.fixture
async def entries(metering: Metering, house: SmallHouse) -> list[Entry]:
    """Return two days of use: chats of two keys, some in batches, one refused, and an embedding."""
    today = house.clock.now() // DAY * DAY
    first = replace(ENTRY, at=today - DAY + 3_600, units=Units(input=100, cached=40, output=10), cost=1_500_000)
    made = [
        first,
        replace(first, id="e2", at=today + 10, key="=key_2", batch=True),
        replace(first, id="e3", at=today + 11, status=429, refused_by="limit", units=Units(), cost=0),
        replace(first, id="e4", at=today + 12, endpoint="embeddings", units=Units(input=7), cost=1),
    ]
    await metering.ingest(IngestEntries.of("g", made))
    return made


async def test_usage_is_summed_as_asked_for(client: httpx2.AsyncClient, entries: list[Entry]) -> None:
    query = {"start": entries[0].at, "end": entries[3].at + 1, "group_by": ["endpoint"], "model": "demo"}
    report = (await client.get("/usage", params=query)).json()
    assert [(row["group"], row["requests"], row["refused"], row["cost"]) for row in report["rows"]] == [
        (["chat"], 1, 0, 1_500_000),
        (["chat"], 2, 1, 1_500_000),
        (["embeddings"], 1, 0, 1),
    ]
    for wrong, param in (
        ("start=2&end=3&bucket=year", "bucket"),
        ("start=2&end=3&group_by=color", "group_by[0]"),
        ("start=nan&end=3", "start"),
        ("start=2&end=1", "start"),
        ("start=2&end=3&key=%00", "key"),
    ):
        reply = await client.get(f"/usage?{wrong}")
        assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)


async def test_a_report_can_be_had_as_a_sheet_without_formulas(
    client: httpx2.AsyncClient, entries: list[Entry]
) -> None:
    query = {"start": entries[0].at, "end": entries[3].at + 1, "bucket": "all", "group_by": "key", "endpoint": "chat"}
    reply = await client.get("/usage/csv", params=query)
    assert reply.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(reply.text)))
    assert [(row["key"], row["requests"], row["cost"], row["currency"]) for row in rows] == [
        ("'=key_2", "1", "1.500000", "USD"),
        ("key_1", "2", "1.500000", "USD"),
    ]


async def test_no_name_that_somebody_chose_is_a_formula_in_a_sheet(
    client: httpx2.AsyncClient, metering: Metering, entries: list[Entry]
) -> None:
    names = ("\n=1+1", "\uff1dcmd|'/c calc'!A0", 'a,"b"\n=c', "-1", "@SUM(1)")
    made = [replace(entries[0], id=f"n{number}", model=name) for number, name in enumerate(names)]
    await metering.ingest(IngestEntries.of("g", made))
    query = {"start": entries[0].at, "end": entries[3].at + 1, "bucket": "all", "group_by": "model"}
    rows = csv.DictReader(StringIO((await client.get("/usage/csv", params=query)).text, newline=""))
    shown = {row["model"] for row in rows} - {"demo"}
    assert shown == {"'\n=1+1", "'\uff1dcmd|'/c calc'!A0", 'a,"b"\n=c', "'-1", "'@SUM(1)"}


async def test_the_ledger_is_paged(client: httpx2.AsyncClient, entries: list[Entry]) -> None:
    page = (await client.get("/ledger", params={"limit": 3})).json()
    assert [item["id"] for item in page["items"]] == ["e4", "e3", "e2"]
    rest = (await client.get("/ledger", params={"after": page["next"]})).json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([entries[0].id], None)
    assert (await client.get("/ledger", params={"after": "x"})).status_code == 400


async def test_prices_are_put_imported_and_deleted(client: httpx2.AsyncClient) -> None:
    price = asdict(Price(model="gpt-4*", input=2.5))
    assert (await client.put("/prices", json=price)).json()["version"] == 1
    put = await client.post("/prices/import", json={"items": [price, asdict(Price(model="m", output=1.0))]})
    assert put.json() == {"version": 2, "changed": 1}
    assert [item["model"] for item in (await client.get("/prices")).json()["items"]] == ["gpt-4*", "m"]
    assert (await client.delete("/prices", params={"model": "m"})).status_code == 200
    assert (await client.delete("/prices", params={"model": "m\0"})).status_code == 400
    assert (await client.delete("/prices", params={"model": "m"})).status_code == 404


async def test_recomputing_is_accepted_as_a_job(client: httpx2.AsyncClient) -> None:
    reply = await client.post("/usage/recompute", json={"start": 1.0, "end": 2.0, "model": ""})
    assert reply.status_code == 202
    assert reply.json()["job"].startswith("job_")


async def test_what_was_set_aside_is_listed_corrected_discarded_and_audited(
    metering: Metering, house: SmallHouse
) -> None:
    told: list[AuditEntry] = []

    async def record(request: RecordAudit) -> Done:
        told.extend(request.entries)
        return Done()

    good = replace(ENTRY, at=house.clock.now(), tags=(("app", "shop"),), first_token_ms=2.5)
    absurd = [replace(good, id=name, at=good.at + 10 * DAY) for name in ("a", "b")]
    await metering.ingest(IngestEntries.of("g", absurd))
    app = rest_app([router(metering)], authenticate=anybody, trail=AuditReceivers(record=record))
    async with serving(app) as base, http_client(f"{base}/api/v1/ledger/", headers={"x-api-key": "any"}) as client:
        page = (await client.get("quarantine", params={"limit": 1})).json()
        assert (page["waiting"], len(page["items"])) == (2, 1)
        rest = (await client.get("quarantine", params={"after": page["next"]})).json()
        digests = {json.loads(one["body"])["id"]: one["digest"] for one in (*page["items"], *rest["items"])}
        assert (await client.post("quarantine/requeue", json={})).json() == {"new": 0, "known": 0, "left": 2}
        at_a, at_b = (f"quarantine/{digests[name]}" for name in ("a", "b"))
        reply = await client.put(at_a, json=msgspec.to_builtins(good), headers={"x-tulou-reason": "its clock"})
        assert reply.json() == {"new": 1, "known": 0, "left": 0}
        assert (await client.put(at_b, json={"id": "b"})).status_code == 400
        reply = await client.put(at_b, json=msgspec.to_builtins(absurd[1]))
        assert (reply.status_code, reply.json()["error"]["param"]) == (400, "entry")
        assert (await client.delete(at_b)).json()["error"]["param"] == "reason"
        why = {b"x-tulou-reason": "für uns".encode()}
        assert (await client.delete(at_b, headers=why)).status_code == 200
        settled = (await client.get("quarantine", params={"settled": True})).json()["items"]
    assert {(one["digest"], one["settled"]["by"], one["settled"]["why"]) for one in settled} == {
        (digests["a"], "ana", "its clock"),
        (digests["b"], "ana", "für uns"),
    }
    assert (await metering.entries(ListEntries())).items == (good,)
    done = [(one.action, one.resource, one.reason) for one in told if one.outcome == "done"]
    assert done == [
        ("ledger:write", "ledger/quarantine/requeue", ""),
        ("ledger:write", f"ledger/{at_a}", "its clock"),
        ("ledger:write", f"ledger/{at_b}", "für uns"),
    ]


async def test_openais_own_client_reads_usage_and_costs(url: str, entries: list[Entry]) -> None:
    start = int(entries[0].at)
    end = int(entries[3].at) + 1
    async with openai.AsyncOpenAI(
        api_key="any", admin_api_key="any", base_url=f"{url}/v1", max_retries=0, http_client=http_client()
    ) as client:
        usage = client.admin.organization.usage
        page = await usage.completions(
            start_time=start, end_time=end, group_by=["api_key_id", "batch"], models=["demo"]
        )
        assert (page.object, page.has_more, page.next_page) == ("page", False, None)
        assert [bucket.start_time % DAY for bucket in page.data] == [0, 0]
        results = [result.to_dict() for bucket in page.data for result in bucket.results]
        assert [(one["api_key_id"], one["batch"], one["num_model_requests"]) for one in results] == [
            ("key_1", False, 1),
            ("=key_2", True, 1),
            ("key_1", False, 0),
        ]
        assert results[0] == {
            "object": "organization.usage.completions.result",
            "input_tokens": 100,
            "output_tokens": 10,
            "input_cached_tokens": 40,
            "input_audio_tokens": 0,
            "output_audio_tokens": 0,
            "num_model_requests": 1,
            "project_id": None,
            "user_id": None,
            "api_key_id": "key_1",
            "model": None,
            "batch": False,
            "service_tier": None,
        }
        first = await usage.costs(start_time=start, end_time=end, limit=1, group_by=["line_item"])
        assert first.has_more
        assert first.next_page
        assert first.data[0].results[0].to_dict()["amount"] == {"value": 1.5, "currency": "usd"}
        second = await usage.costs(
            start_time=start, end_time=end, limit=1, group_by=["line_item"], page=first.next_page
        )
        assert [one.to_dict()["line_item"] for one in second.data[0].results] == ["demo"]
        hours = await usage.embeddings(start_time=end - 7_200, end_time=end, bucket_width="1h")
        assert [len(bucket.results) for bucket in hours.data] == [0, 0, 1]
        with pytest.raises(openai.BadRequestError, match="limit"):
            await usage.completions(start_time=start, limit=32)
        for empty in (usage.moderations, usage.images, usage.audio_speeches, usage.audio_transcriptions):
            assert (await empty(start_time=start, end_time=end)).data[0].results == []
