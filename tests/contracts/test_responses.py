"""Responses behave the same over every binding; those in the background end whatever happens."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import msgspec
import pytest
from sqlalchemy import Executable, RowMapping

from tests.contracts.bindings import Binding, bound, opened
from tulou.chassis.runner import JobRunner
from tulou.contracts.files.messages import Owner
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.responses.api import Responses
from tulou.contracts.responses.messages import NameItems, NameResponse, ResponseState, StoredResponse
from tulou.kernel.errors import ConflictError, InvalidError, LimitedError, NotFoundError, TooLargeError
from tulou.kernel.message import Done
from tulou.ports.database import Parameters
from tulou.ports.gate import Gate, GateAnswer
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.services.responses import store
from tulou.services.responses.component import COMPONENT as RESPONSES
from tulou.services.responses.handlers import ResponsesHandlers
from tulou.services.responses.service import RUN_JOB, ResponsesService
from tulou.services.responses.settings import ResponsesSettings
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house

OURS = Owner(tenant="default", project="default", key="key_1", principal="ana")
THEIRS = Owner(tenant="default", project="other")
GOOD = GateAnswer(status=200, body=b'{"id":"resp_x","status":"completed","output":[]}')


@dataclass
class ScriptedGate:
    """Answers with what it is given, once it may."""

    answer: GateAnswer = GOOD
    may: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[bytes] = field(default_factory=list[bytes])
    left: int = 0

    async def post(
        self, path: str, body: bytes, *, key: str, headers: Mapping[str, str], timeout_s: float
    ) -> GateAnswer:
        assert (path, key, timeout_s > 0, bool(headers)) == ("/v1/responses", "key_1", True, True)
        self.asked.append(body)
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        return self.answer


@dataclass
class Yard:
    """The service over a binding, and what stands behind it."""

    responses: Responses
    service: ResponsesService
    jobs: Jobs
    gate: ScriptedGate
    house: SmallHouse

    def response(self, name: str, *, state: ResponseState = "completed", previous: str = "") -> StoredResponse:
        now = self.house.clock.now()
        body = msgspec.json.encode({"id": name, "status": state, "output": []}).decode()
        return StoredResponse(
            id=name,
            owner=OURS,
            state=state,
            body=body,
            input="[]",
            created_at=now,
            expires_at=now + 1000,
            previous=previous,
        )

    async def background(self) -> StoredResponse:
        request = '{"model":"m","input":"hi","background":true,"store":true,"stream":false}'
        return await self.responses.enqueue(replace(self.response("resp_b", state="queued"), request=request))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        handlers = {RUN_JOB: ResponsesHandlers(self.service).run}
        runner = asyncio.create_task(JobRunner(self.jobs, handlers, name="test").run())
        try:
            yield
        finally:
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)

    async def state(self, name: str = "resp_b") -> ResponseState:
        return (await self.responses.response(NameResponse(owner=OURS, id=name))).state


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(JOBS.migrations, RESPONSES.migrations) as small:
        yield small


@pytest.fixture
async def yard(house: SmallHouse, binding: Binding) -> AsyncGenerator[Yard]:
    gate = ScriptedGate()
    async with opened(JOBS, house, "direct", {JobsSettings: JobsSettings(wait_s=0.05)}) as jobs:
        settings = ResponsesSettings(response_bytes=1000, conversation=3, project_bytes=4000)
        needs = {Jobs: jobs, Gate: gate, ResponsesSettings: settings}
        async with opened(RESPONSES, house, "direct", needs) as service, bound(RESPONSES, service, binding) as reached:
            yield Yard(reached, service, jobs, gate, house)


def name(response: str, owner: Owner = OURS) -> NameResponse:
    return NameResponse(owner=owner, id=response)


async def test_a_response_is_kept_until_its_time_is_over(yard: Yard) -> None:
    kept = await yard.responses.keep(yard.response("resp_1"))

    assert await yard.responses.response(name("resp_1")) == kept
    yard.house.clock.advance(1000)
    with pytest.raises(NotFoundError, match="resp_1"):
        await yard.responses.response(name("resp_1"))
    await yard.service.sweep()
    assert await yard.responses.keep(yard.response("resp_1")) != kept, "the old one is forgotten"


async def test_nobody_else_sees_changes_or_deletes_a_response(yard: Yard) -> None:
    kept = await yard.responses.keep(yard.response("resp_1", state="in_progress"))

    for ask in (yard.responses.response, yard.responses.cancel, yard.responses.delete, yard.responses.conversation):
        with pytest.raises(NotFoundError):
            await ask(name("resp_1", THEIRS))
    with pytest.raises(ConflictError, match="somebody else"):
        await yard.responses.keep(replace(kept, owner=THEIRS))


async def test_items_of_answers_are_found_by_their_ids_while_they_are_kept(yard: Yard) -> None:
    outputs = {"resp_1": ["rs_1", "fc_1"], "resp_2": ["msg_2", "fc_1", 7]}
    for response, ids in outputs.items():
        output = [{"id": item, "of": response} for item in ids]
        body = msgspec.json.encode({"id": response, "output": output}).decode()
        await yard.responses.keep(replace(yard.response(response), body=body))
    unfinished = msgspec.json.encode({"id": "resp_3", "output": [{"id": "msg_3"}]}).decode()
    await yard.responses.keep(replace(yard.response("resp_3", state="in_progress"), body=unfinished))

    found = await yard.responses.items(NameItems(owner=OURS, ids=("msg_2", "fc_1")))

    assert [msgspec.json.decode(item)["of"] for item in found.items] == ["resp_2", "resp_2"]
    with pytest.raises(NotFoundError, match="msg_3"):
        await yard.responses.items(NameItems(owner=OURS, ids=("msg_3",)))
    with pytest.raises(NotFoundError, match="rs_1"):
        await yard.responses.items(NameItems(owner=THEIRS, ids=("rs_1",)))
    with pytest.raises(TooLargeError, match="16 bytes"):
        await yard.responses.items(NameItems(owner=OURS, ids=("rs_1",), at_most=16))
    with pytest.raises(InvalidError, match="more than 3"):
        await yard.responses.items(NameItems(owner=OURS, ids=("a", "b", "c", "d")))
    await yard.responses.keep(replace(yard.response("resp_3"), body=unfinished))
    assert (await yard.responses.items(NameItems(owner=OURS, ids=("msg_3",)))).items == ('{"id":"msg_3"}',)
    await yard.responses.delete(name("resp_1"))
    with pytest.raises(NotFoundError, match="rs_1"):
        await yard.responses.items(NameItems(owner=OURS, ids=("rs_1",)))
    yard.house.clock.advance(1000)
    with pytest.raises(NotFoundError, match="msg_2"):
        await yard.responses.items(NameItems(owner=OURS, ids=("msg_2",)))


class Statements:
    """A transaction that counts what it is told to do."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self.count = 0

    async def rows(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[RowMapping]:
        del statement, parameters
        self.count += 1
        return ()

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> int:
        del statement, parameters
        self.count += 1
        return 1


async def test_many_items_of_an_answer_are_noted_with_as_few_statements_as_one(yard: Yard) -> None:
    counts: list[int] = []
    for many in (1, 200):
        output = [{"id": f"item_{number}"} for number in range(many)]
        told = Statements()
        body = msgspec.json.encode({"output": output}).decode()
        await store.add(told, replace(yard.response("resp_1"), body=body))
        counts.append(told.count)

    assert counts[0] == counts[1]


async def test_a_final_state_is_never_replaced(yard: Yard) -> None:
    await yard.responses.keep(yard.response("resp_1", state="in_progress"))
    final = await yard.responses.keep(yard.response("resp_1", state="completed"))

    again = await yard.responses.keep(yard.response("resp_1", state="failed"))

    assert again == final


async def test_a_conversation_is_read_from_its_beginning(yard: Yard) -> None:
    before = ""
    for number in range(3):
        await yard.responses.keep(yard.response(f"resp_{number}", previous=before))
        before = f"resp_{number}"

    found = await yard.responses.conversation(name("resp_2"))
    assert [item.id for item in found.items] == ["resp_0", "resp_1", "resp_2"]

    await yard.responses.keep(yard.response("resp_3", previous=before))
    with pytest.raises(InvalidError, match="more than 3"):
        await yard.responses.conversation(name("resp_3"))
    await yard.responses.delete(name("resp_0"))
    with pytest.raises(NotFoundError, match="resp_0"):
        await yard.responses.conversation(name("resp_2"))


async def test_a_response_that_is_too_large_is_refused(yard: Yard) -> None:
    with pytest.raises(TooLargeError, match="response_bytes"):
        await yard.responses.keep(replace(yard.response("resp_1"), input=" " * 1000))


async def test_a_conversation_is_no_larger_than_its_asker_takes(yard: Yard) -> None:
    await yard.responses.keep(replace(yard.response("resp_1"), input=f'["{"x" * 500}"]'))
    await yard.responses.keep(replace(yard.response("resp_2", previous="resp_1"), input=f'["{"x" * 500}"]'))

    assert len((await yard.responses.conversation(replace(name("resp_2"), at_most=2000))).items) == 2
    with pytest.raises(TooLargeError, match="more than 1000 bytes; begin a new one"):
        await yard.responses.conversation(replace(name("resp_2"), at_most=1000))


def large(yard: Yard, number: int) -> StoredResponse:
    """Return a response of some 900 bytes, of which a project may keep four."""
    return replace(yard.response(f"resp_{number}"), input=f'["{"x" * 840}"]')


async def test_the_responses_of_a_project_take_no_more_together_than_is_set(yard: Yard) -> None:
    for number in range(4):
        await yard.responses.keep(large(yard, number))
    with pytest.raises(LimitedError, match=r"of 4000 bytes .* delete some with DELETE /v1/responses"):
        await yard.responses.keep(large(yard, 4))
    assert await yard.responses.keep(replace(large(yard, 5), owner=THEIRS)), "another project has its own room"

    await yard.responses.delete(name("resp_0"))
    await yard.responses.keep(large(yard, 4))
    yard.house.clock.advance(1000)
    await yard.service.sweep()
    for number in range(6, 10):
        await yard.responses.keep(large(yard, number))


async def test_what_a_project_keeps_is_counted_right_when_much_comes_and_goes_at_once(yard: Yard) -> None:
    for _ in range(3):
        kept = await asyncio.gather(
            *(yard.responses.keep(large(yard, number)) for number in range(12)), return_exceptions=True
        )
        stored = [one.id for one in kept if isinstance(one, StoredResponse)]
        assert len(stored) == 4
        assert all(isinstance(one, StoredResponse | LimitedError) for one in kept)
        deleted = [yard.responses.delete(name(number)) for number in [*stored, *stored]]
        gone = await asyncio.gather(*deleted, return_exceptions=True)
        assert all(isinstance(one, Done | NotFoundError) for one in gone)


async def test_one_in_the_background_is_asked_plainly_and_keeps_its_id(yard: Yard) -> None:
    queued = await yard.background()
    yard.gate.may.set()

    async with yard.running():

        async def completed() -> bool:
            return await yard.state() == "completed"

        await eventually(completed)

    body = msgspec.json.decode((await yard.responses.response(name("resp_b"))).body)
    asked = msgspec.json.decode(yard.gate.asked[0])
    assert (queued.state, bool(queued.job)) == ("queued", True)
    assert (body["id"], body["status"], body["background"]) == ("resp_b", "completed", True)
    assert (asked["background"], asked["store"], asked["stream"], asked["input"]) == (False, False, False, "hi")


async def test_one_that_the_gate_refuses_has_failed_and_says_why(yard: Yard) -> None:
    await yard.background()
    yard.gate.answer = GateAnswer(status=404, body=b'{"error":{"message":"no model","code":"model_not_found"}}')
    yard.gate.may.set()

    async with yard.running():

        async def failed() -> bool:
            return await yard.state() == "failed"

        await eventually(failed)

    body = msgspec.json.decode((await yard.responses.response(name("resp_b"))).body)
    assert body["error"] == {"code": "model_not_found", "message": "no model"}


async def test_a_cancelled_one_hangs_up_and_stays_cancelled(yard: Yard) -> None:
    await yard.background()
    async with yard.running():
        await eventually(lambda: bool(yard.gate.asked))

        cancelled = await yard.responses.cancel(name("resp_b"))

        await eventually(lambda: yard.gate.left == 1)
    assert cancelled.state == "cancelled"
    assert msgspec.json.decode(cancelled.body)["status"] == "cancelled"
    assert await yard.state() == "cancelled"


async def test_only_what_is_made_in_the_background_can_be_cancelled(yard: Yard) -> None:
    await yard.responses.keep(yard.response("resp_1"))

    with pytest.raises(ConflictError, match="not made in the background"):
        await yard.responses.cancel(name("resp_1"))
