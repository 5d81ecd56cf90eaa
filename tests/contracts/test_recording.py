"""Changes are in the audit trail whoever asks a contract for them: a job, a plugin, another process, the REST API."""

import asyncio
import json
import string
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import cast

import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from tests.contracts.bindings import TOKEN
from tulou.assembly.catalogue import CATALOGUE
from tulou.chassis import recording as recording_module
from tulou.chassis.clients import client_of
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.jobs import JobRun
from tulou.chassis.operations import operations_of
from tulou.chassis.recording import Recording
from tulou.chassis.rest import AuditReceivers, rest_app
from tulou.chassis.runner import JobRunner
from tulou.chassis.transports import HttpTransport
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import AuditEntry, ListAudit, RecordAudit
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import ChangePassword, CreateKey, NameTenant, Tenant
from tulou.contracts.jobs.messages import EnqueueJob, NameJob
from tulou.http.server.server import serving
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import NOBODY, Context, SessionActor, acting, as_house
from tulou.kernel.errors import ForbiddenError, NotFoundError, TulouError, UnavailableError
from tulou.kernel.message import Done
from tulou.rules.rights.nouns import NOUNS
from tulou.services.governance.component import COMPONENT as GOVERNANCE
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.identity.component import COMPONENT
from tulou.services.identity.http import router
from tulou.services.identity.tests.conftest import service_in
from tulou.services.jobs.service import JobsService
from tulou.services.jobs.settings import JobsSettings
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.http import http_client

ANA = SessionActor(tenant="default", principal="ana", id="session_1")
NORTH = Tenant(name="north")

UNRECORDED = {
    "what happens all the time, and is in ledger, log or metrics": {
        *("discovery.announce", "discovery.drain", "discovery.withdraw", "observability.report", "metering.ingest"),
        *("limits.lease", "upstreams.report_credential", "upstreams.open", "configuration.note", "governance.record"),
    },
    "what projects do beside inference, of which only refusals are recorded": {
        *("files.begin", "files.append", "files.finish", "files.delete", "batches.create", "batches.cancel"),
        *("responses.keep", "responses.enqueue", "responses.cancel", "responses.delete"),
    },
    "work that services give themselves; over REST a cancellation is recorded": {
        *("jobs.enqueue", "jobs.cancel", "jobs.lease", "jobs.renew", "jobs.record_step", "jobs.finish"),
    },
    "what is asked over REST alone, by who is not known yet": {
        *("identity.authenticate", "identity.sign_in", "identity.begin_federated", "identity.finish_federated"),
    },
}
READING = {
    "gateway": "status",
    "routing": "snapshot watch validate_routes routes",
    "discovery": "replicas watch",
    "upstreams": "providers upstreams upstream validate_upstreams deleted_credentials",
    "serving": "validate_deployments deployment deployments",
    "replica": "status",
    "registry": "resolve model models versions verify signing_key",
    "training": "run runs recipes",
    "identity": "key keys me grants tenant tenants project projects principal principals deleted erased sessions"
    " identity_providers validate_identity",
    "governance": "roles validate_roles policies policy_set decide try_policies audit verify",
    "jobs": "job jobs",
    "limits": "limits read validate_limits standing replay",
    "metering": "prices validate_prices usage entries quarantine",
    "configuration": "export plan plan_rollback revisions compare",
    "files": "caps file files content",
    "batches": "batch batches",
    "responses": "response conversation items",
    "observability": "metrics overview logs",
}
"""Operations that change nothing, by service."""


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    names = ("identity", "governance", "jobs")
    async with open_house(*(f"tulou.services.{name}.migrations" for name in names)) as opened:
        yield opened


@pytest.fixture
async def governance(house: SmallHouse) -> AsyncGenerator[Governance]:
    async with GOVERNANCE.build(house.provided({GovernanceSettings: GovernanceSettings()})) as service:
        yield service


@pytest.fixture
def identity(house: SmallHouse, governance: Governance) -> Identity:
    recording = Recording(house.clock)
    recording.record = governance.record
    return cast("Identity", recording.bind(COMPONENT, service_in(house)))


async def trail(governance: Governance) -> list[AuditEntry]:
    return [record.entry for record in (await governance.audit(ListAudit())).items]


async def test_a_change_that_a_job_makes_is_recorded_in_the_name_of_who_asked_for_the_job(
    house: SmallHouse, governance: Governance, identity: Identity
) -> None:
    jobs = JobsService(house.database, house.outbox, clock=SystemClock(), settings=JobsSettings(wait_s=1))

    async def work(_: JobRun) -> str:
        await identity.put_tenant(NORTH)
        return "null"

    with acting(Context(actor=ANA, audited=True)):  # over REST, say, which records that the job was asked for
        asked = await jobs.enqueue(EnqueueJob(kind="test.work"))
    runner = asyncio.create_task(JobRunner(jobs, {"test.work": work}, name="test").run())

    async def is_done() -> bool:
        return (await jobs.job(NameJob(id=asked.id))).state == "succeeded"

    await eventually(is_done)
    runner.cancel()
    [entry] = await trail(governance)
    assert (entry.tenant, entry.principal, entry.key) == ("default", "ana", "session_1")
    assert (entry.action, entry.resource, entry.outcome, entry.request_id) == (
        "tenants:write",
        "tenants/north",
        "done",
        asked.id,
    )
    detail = json.loads(entry.detail)
    assert (detail["operation"], detail["house"]) == ("identity.put_tenant", "job test.work")
    assert detail["sent"]["name"] == "north"


async def test_a_change_that_another_process_asks_for_is_recorded_unless_that_records_it_itself(
    governance: Governance, identity: Identity
) -> None:
    app = Starlette(routes=rpc_routes(COMPONENT, identity, token=TOKEN))
    async with serving(app) as url, http_client() as http:
        other = client_of(Identity, HttpTransport(url, http, token=TOKEN))
        with acting(Context(actor=ANA, house=True, request_id="req_1")):
            await other.put_tenant(NORTH)
        with acting(Context(actor=ANA, house=True, request_id="req_2", audited=True)):
            await other.put_tenant(NORTH)
        with acting(NOBODY), pytest.raises(ForbiddenError, match=r"nobody is known to ask for identity\.put_tenant"):
            await other.put_tenant(NORTH)
    [entry] = await trail(governance)
    assert (entry.request_id, entry.principal, entry.resource) == ("req_1", "ana", "tenants/north")


async def test_a_change_over_rest_is_recorded_once_by_the_rest_api(governance: Governance, identity: Identity) -> None:
    with as_house("a test", asked_by=ANA):
        admin = await identity.create_key(CreateKey(name="boss", principal="ana", scopes=("admin",)))
    app = rest_app(
        [router(identity)], authenticate=identity.authenticate, trail=AuditReceivers(record=governance.record)
    )
    async with serving(app) as url, http_client(url, headers={"x-api-key": admin.secret}) as http:
        made = await http.put("/api/v1/tenants/north", json={"name": "north"})
    assert made.status_code == 200, made.text
    last, first = await trail(governance)
    assert (first.action, first.resource, json.loads(first.detail)["operation"]) == (
        "keys:write",
        "keys",
        "identity.create_key",
    )
    assert (last.action, last.resource, json.loads(last.detail)["operation"]) == (
        "tenants:write",
        "tenants/north",
        "put_tenant",
    )


async def test_what_is_refused_or_fails_is_recorded_and_a_loop_of_failures_by_number(
    governance: Governance, identity: Identity, house: SmallHouse
) -> None:
    with acting(Context(actor=ANA, tenant_wide=True)), pytest.raises(ForbiddenError):
        await identity.put_tenant(NORTH)
    for _ in range(5):
        with pytest.raises(NotFoundError):
            await identity.delete_tenant(NameTenant(name="west"))
    failed, denied = await trail(governance)
    assert (denied.principal, denied.outcome, denied.code) == ("ana", "denied", "forbidden")
    assert (failed.principal, failed.outcome, failed.code) == ("", "failed", "not_found")
    assert "no tenant" in json.loads(failed.detail)["why"]
    house.clock.advance(60)
    await identity.put_tenant(NORTH)
    summed = next(entry for entry in await trail(governance) if "count" in json.loads(entry.detail))
    assert (summed.outcome, summed.action, json.loads(summed.detail)["count"]) == ("failed", "tenants:write", 4)


@pytest.fixture
def recording(house: SmallHouse, governance: Governance) -> Recording:
    recording = Recording(house.clock)
    recording.bind(GOVERNANCE, governance)
    return recording


class Odd:
    """Stands where identity would; each tenant that is put ends as the test says."""

    def __init__(self, putting: Callable[[], Awaitable[Tenant]]) -> None:
        self._putting = putting

    async def put_tenant(self, _: Tenant) -> Tenant:
        return await self._putting()

    def __getattr__(self, name: str) -> object:
        return None


def bound(recording: Recording, putting: Callable[[], Awaitable[Tenant]]) -> Identity:
    return cast("Identity", recording.bind(COMPONENT, Odd(putting)))


async def test_what_is_denied_again_and_again_is_summed_up_as_denied_and_at_the_end_of_the_process_too(
    governance: Governance, recording: Recording
) -> None:
    errors: list[TulouError] = [ForbiddenError("no"), NotFoundError("nowhere")] * 3

    async def refuse() -> Tenant:
        raise errors.pop()

    with acting(Context(actor=ANA)):
        for _ in range(6):
            with pytest.raises(TulouError):
                await bound(recording, refuse).put_tenant(NORTH)
    assert len(await trail(governance)) == 2
    await recording.close()
    sums = [entry for entry in await trail(governance) if "count" in json.loads(entry.detail)]
    assert {(one.outcome, one.code, one.principal, json.loads(one.detail)["count"]) for one in sums} == {
        ("denied", "forbidden", "ana", 2),
        ("failed", "not_found", "ana", 2),
    }


async def test_failures_are_summed_up_though_nothing_is_changed_any_more(
    governance: Governance, recording: Recording, house: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> Tenant:
        raise NotFoundError("nowhere")

    monkeypatch.setattr(recording_module, "EVERY_S", 0.01)
    for _ in range(3):
        with pytest.raises(NotFoundError):
            await bound(recording, fail).put_tenant(NORTH)
    house.clock.advance(60)
    summing = asyncio.create_task(recording.run())

    async def summed() -> bool:
        return any("count" in json.loads(entry.detail) for entry in await trail(governance))

    await eventually(summed)
    summing.cancel()


async def test_a_change_that_is_cut_off_is_recorded_as_one_of_which_nobody_knows(
    governance: Governance, recording: Recording
) -> None:
    began = asyncio.Event()

    async def go_on() -> Tenant:
        began.set()
        await asyncio.Event().wait()
        return NORTH

    asked = asyncio.ensure_future(bound(recording, go_on).put_tenant(NORTH))
    await began.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await recording.close()
    [entry] = await trail(governance)
    assert (entry.outcome, entry.code, entry.resource) == ("failed", "cancelled", "tenants/north")
    assert "it may have been done" in json.loads(entry.detail)["why"]


async def test_a_change_whose_caller_leaves_once_it_is_done_is_recorded_as_done(
    governance: Governance, recording: Recording
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(request: RecordAudit) -> Done:
        reached.set()
        await go_on.wait()
        return await governance.record(request)

    async def put() -> Tenant:
        return NORTH

    recording.record = slowly
    asked = asyncio.ensure_future(bound(recording, put).put_tenant(NORTH))
    await reached.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    go_on.set()
    await recording.close()
    [entry] = await trail(governance)
    assert (entry.outcome, entry.resource) == ("done", "tenants/north")


async def test_an_error_that_repeats_a_secret_is_kept_without_it_and_cut(
    governance: Governance, recording: Recording
) -> None:
    async def fail() -> Tenant:
        raise UnavailableError("no answer from https://ana:hunter2@vendor with sk-live-0123456789 " + "x" * 1_000)

    with pytest.raises(UnavailableError):
        await bound(recording, fail).put_tenant(NORTH)
    [entry] = await trail(governance)
    why = json.loads(entry.detail)["why"]
    assert why.startswith("no answer from https://ana:***@vendor with sk-***")
    assert len(why) == 200


async def test_secrets_of_a_request_are_not_recorded(governance: Governance, identity: Identity) -> None:
    with acting(Context(actor=ANA, tenant_wide=True)), pytest.raises(NotFoundError):
        await identity.change_password(ChangePassword(old="a horse eats", password="seven staples"))
    [entry] = await trail(governance)
    assert (entry.action, entry.resource, entry.outcome) == ("me:write", "me/password", "failed")
    assert json.loads(entry.detail)["fields"] == ["old", "password"]
    assert not {"horse", "staples"} & set(entry.detail.replace('"', " ").split())


async def test_before_the_trail_is_there_or_while_it_is_away_the_entry_goes_to_the_log(house: SmallHouse) -> None:
    recording = Recording(ManualClock())

    bound = cast("Identity", recording.bind(COMPONENT, service_in(house)))
    with capture_logs() as logs:
        await bound.put_tenant(NORTH)

        async def away(_: object) -> Done:
            raise UnavailableError("the database is away")

        recording.record = away
        await bound.put_tenant(NORTH)
    kept = [line["entry"]["resource"] for line in logs if line["event"] == "audit_entry_not_kept"]
    assert kept == ["tenants/north", "tenants/north"]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_each_operation_is_recorded_or_said_to_change_nothing_or_why_it_is_not_recorded(name: str) -> None:
    part = CATALOGUE[name]
    recorded = {f"{name}.{method.__name__}" for method in part.changes}
    reading = {f"{name}.{operation}" for operation in READING.get(name, "").split()}
    unrecorded = {one for some in UNRECORDED.values() for one in some if one.startswith(f"{name}.")}
    assert sorted([*recorded, *reading, *unrecorded]) == sorted(
        operation.name for operation in operations_of(part.contract).values()
    )


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_recorded_change_has_an_action_of_the_rest_api_and_a_name_made_of_its_request(name: str) -> None:
    operations = operations_of(CATALOGUE[name].contract)
    for method, change in CATALOGUE[name].changes.items():
        operation = operations[method.__name__]
        noun, _, verb = change.action.partition(":")
        assert noun in NOUNS | {"me"}, operation.name
        assert verb == "write", operation.name
        fields = {field for _, field, _, _ in string.Formatter().parse(change.name) if field}
        assert fields <= set(operation.request.__dataclass_fields__), operation.name
