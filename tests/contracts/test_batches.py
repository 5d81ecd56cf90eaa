"""Batches behave the same over every binding, and their work loses nothing and asks nothing twice."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
import pytest

from tests.contracts.bindings import Binding, bound, opened
from tulou.chassis.runner import JobRunner
from tulou.chassis.uploads import write_file
from tulou.contracts.batches.api import Batches
from tulou.contracts.batches.messages import Batch, CreateBatch, ListBatches, NameBatch
from tulou.contracts.files.api import Files
from tulou.contracts.files.messages import BeginFile, NameFile, Owner, Purpose
from tulou.contracts.jobs.api import Jobs
from tulou.kernel.errors import DeadlineError, InvalidError, NotFoundError, UnavailableError
from tulou.ports.gate import Gate, GateAnswer
from tulou.services.batches.component import COMPONENT as BATCHES
from tulou.services.batches.handlers import BatchesHandlers
from tulou.services.batches.service import RUN_JOB, BatchesService
from tulou.services.batches.settings import BatchesSettings
from tulou.services.files.component import COMPONENT as FILES
from tulou.services.files.settings import FilesSettings
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house

OURS = Owner(tenant="default", project="default", key="key_1", principal="ana")
THEIRS = Owner(tenant="other", project="default")
ENDPOINT = "/v1/chat/completions"


def fine(body: bytes) -> GateAnswer:
    return GateAnswer(status=200, body=b'{"echo":' + body + b"}", request_id="req_1")


@dataclass
class ScriptedGate:
    """Answers as it is told, and remembers what it was asked and for whom."""

    answer: Callable[[bytes], GateAnswer] = fine
    asked: list[tuple[str, str, bytes]] = field(default_factory=list[tuple[str, str, bytes]])
    hold: asyncio.Event | None = None

    async def post(
        self, path: str, body: bytes, *, key: str, headers: Mapping[str, str], timeout_s: float
    ) -> GateAnswer:
        assert headers["x-request-id"]
        assert timeout_s > 0
        if self.hold is not None:
            await self.hold.wait()
        self.asked.append((path, key, body))
        return self.answer(body)


@dataclass
class Yard:
    """Everything that a batch needs."""

    batches: Batches
    service: BatchesService
    files: Files
    jobs: Jobs
    gate: ScriptedGate

    async def upload(self, *lines: bytes, purpose: Purpose = "batch") -> str:
        begin = BeginFile(owner=OURS, name="in.jsonl", purpose=purpose)
        return (await write_file(self.files, begin, _whole(b"\n".join(lines)))).id

    async def create(self, *lines: bytes) -> Batch:
        return await self.batches.create(
            CreateBatch(owner=OURS, input_file=await self.upload(*lines), endpoint=ENDPOINT)
        )

    async def now(self, batch: Batch) -> Batch:
        return await self.batches.batch(NameBatch(owner=OURS, id=batch.id))

    async def read(self, file: str) -> list[dict[str, object]]:
        chunks = [chunk.data async for chunk in self.files.content(NameFile(owner=OURS, id=file))]
        return [msgspec.json.decode(line) for line in b"".join(chunks).splitlines()]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        handlers = {RUN_JOB: BatchesHandlers(self.service).run}
        runner = asyncio.create_task(JobRunner(self.jobs, handlers, name="test").run())
        try:
            yield
        finally:
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def line(number: int, **more: object) -> bytes:
    asked: dict[str, object] = {"custom_id": f"c{number}", "method": "POST", "url": ENDPOINT}
    return msgspec.json.encode(asked | {"body": {"model": "m", "n": number}} | more)


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(FILES.migrations, JOBS.migrations, BATCHES.migrations) as small:
        yield small


@pytest.fixture
async def yard(house: SmallHouse, binding: Binding) -> AsyncGenerator[Yard]:
    gate = ScriptedGate()
    async with (
        opened(FILES, house, "direct", {FilesSettings: FilesSettings()}) as files,
        opened(JOBS, house, "direct", {JobsSettings: JobsSettings(wait_s=0.05)}) as jobs,
    ):
        settings = BatchesSettings(at_once=2, tries=3, pause_s=0.001, line_bytes=1000, lines=50)
        needs = {Files: files, Jobs: jobs, Gate: gate, BatchesSettings: settings}
        async with opened(BATCHES, house, "direct", needs) as service, bound(BATCHES, service, binding) as batches:
            yield Yard(batches, service, files, jobs, gate)


async def ended(yard: Yard, batch: Batch) -> Batch:
    async def final() -> bool:
        return (await yard.now(batch)).state in {"completed", "failed", "cancelled", "expired"}

    async with yard.running():
        await eventually(final)
    return await yard.now(batch)


async def test_every_line_is_answered_in_the_order_of_the_file_on_behalf_of_the_key(yard: Yard) -> None:
    batch = await ended(yard, await yard.create(*(line(number) for number in range(7))))

    assert (batch.state, batch.total, batch.completed, batch.failed) == ("completed", 7, 7, 0)
    output = await yard.read(batch.output_file)
    assert [item["custom_id"] for item in output] == [f"c{number}" for number in range(7)]
    assert len({item["id"] for item in output}) == 7
    assert all(str(item["id"]).startswith("batch_req_") for item in output)
    assert output[3]["response"] == {
        "status_code": 200,
        "request_id": "req_1",
        "body": {"echo": {"model": "m", "n": 3}},
    }
    assert {(path, key) for path, key, _ in yard.gate.asked} == {(ENDPOINT, "key_1")}
    assert batch.error_file == ""


async def test_refused_lines_are_in_the_error_file_and_the_others_in_the_output(yard: Yard) -> None:
    yard.gate.answer = lambda body: (
        GateAnswer(status=400, body=b'{"error":{"message":"no"}}') if b'"n":1' in body else fine(body)
    )

    batch = await ended(yard, await yard.create(line(0), line(1), line(2)))

    assert (batch.state, batch.completed, batch.failed) == ("completed", 2, 1)
    errors = await yard.read(batch.error_file)
    assert [item["custom_id"] for item in errors] == ["c1"]


async def test_what_took_too_long_and_is_charged_for_is_not_asked_again(yard: Yard) -> None:
    def too_late(body: bytes) -> GateAnswer:
        if b'"n":1' in body:
            raise DeadlineError("no answer within 600 s")
        return GateAnswer(status=504, body=b'{"error":{"message":"late"}}', again=False)

    yard.gate.answer = too_late

    batch = await ended(yard, await yard.create(line(0), line(1)))

    assert (batch.state, batch.failed, len(yard.gate.asked)) == ("completed", 2, 2)


async def test_a_busy_gate_is_asked_again(yard: Yard) -> None:
    answers = iter([GateAnswer(status=429, body=b"{}"), GateAnswer(status=503, body=b"{}")])
    yard.gate.answer = lambda body: next(answers, None) or fine(body)

    batch = await ended(yard, await yard.create(line(0)))

    assert (batch.completed, len(yard.gate.asked)) == (1, 3)


async def test_a_gate_that_stays_away_fails_the_line_and_not_the_batch(yard: Yard) -> None:
    def away(body: bytes) -> GateAnswer:
        raise UnavailableError(f"nobody there for {len(body)} bytes")

    yard.gate.answer = away

    batch = await ended(yard, await yard.create(line(0)))

    assert (batch.state, batch.failed) == ("completed", 1)
    [error] = await yard.read(batch.error_file)
    assert msgspec.convert(error["error"], dict[str, str])["code"] == "unavailable"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((b"{",), "invalid_line"),
        ((line(0), line(0)), "duplicate_custom_id"),
        ((line(0, url="/v1/embeddings"),), "mismatched_url"),
        ((line(0, body={}),), "missing_model"),
        ((line(0, body={"model": "m", "stream": True}),), "invalid_stream"),
        ((line(0, body={"model": "m", "x": "y" * 1000}),), "line_too_large"),
        (tuple(line(number) for number in range(51)), "too_many_requests"),
        ((b"", b"  "), "empty_file"),
    ],
)
async def test_a_bad_file_fails_before_anything_is_asked_and_says_where(
    yard: Yard, lines: tuple[bytes, ...], code: str
) -> None:
    batch = await ended(yard, await yard.create(*lines))

    assert (batch.state, batch.faults[0].code) == ("failed", code)
    assert not yard.gate.asked


async def test_work_that_is_cut_short_goes_on_where_it_was(yard: Yard) -> None:
    batch = await yard.create(*(line(number) for number in range(10)))

    async def some() -> bool:
        return (await yard.now(batch)).completed >= 3

    async with yard.running():
        await eventually(some)
        yard.gate.hold = asyncio.Event()  # the rest never comes: as if the process were gone
    known = len(yard.gate.asked)
    yard.gate.hold = None

    batch = await ended(yard, batch)

    assert (batch.state, batch.completed) == ("completed", 10)
    assert len(yard.gate.asked) <= 10 + 2, f"at most those in work are asked again; {known} were asked before"
    assert len(await yard.read(batch.output_file)) == 10


async def test_a_cancelled_batch_keeps_what_was_answered(yard: Yard) -> None:
    yard.gate.hold = asyncio.Event()
    batch = await yard.create(*(line(number) for number in range(20)))

    async def under_way() -> bool:
        return (await yard.now(batch)).state == "in_progress"

    async with yard.running():
        await eventually(under_way)
        cancelling = await yard.batches.cancel(NameBatch(owner=OURS, id=batch.id))
        yard.gate.hold.set()
        batch = await ended(yard, batch)

    assert cancelling.state == "cancelling"
    assert batch.state == "cancelled"
    assert batch.completed + batch.failed == 20
    assert batch.failed >= 15
    codes = {msgspec.convert(item["error"], dict[str, str])["code"] for item in await yard.read(batch.error_file)}
    assert codes == {"batch_cancelled"}


async def test_what_is_not_asked_in_time_expires(yard: Yard, house: SmallHouse) -> None:
    batch = await yard.create(line(0), line(1))
    house.clock.advance(batch.window_s)

    batch = await ended(yard, batch)

    assert (batch.state, batch.failed, yard.gate.asked) == ("expired", 2, [])


async def test_nobody_else_sees_a_batch(yard: Yard) -> None:
    batch = await yard.create(line(0))

    with pytest.raises(NotFoundError):
        await yard.batches.batch(NameBatch(owner=THEIRS, id=batch.id))
    with pytest.raises(NotFoundError):
        await yard.batches.cancel(NameBatch(owner=THEIRS, id=batch.id))
    assert not (await yard.batches.batches(ListBatches(owner=THEIRS))).items
    assert [item.id for item in (await yard.batches.batches(ListBatches(owner=OURS))).items] == [batch.id]


async def test_what_cannot_be_a_batch_is_refused_at_once(yard: Yard) -> None:
    with pytest.raises(NotFoundError, match="no file"):
        await yard.batches.create(CreateBatch(owner=OURS, input_file="file_0", endpoint=ENDPOINT))
    data = await yard.upload(line(0), purpose="user_data")
    with pytest.raises(InvalidError, match="for user_data"):
        await yard.batches.create(CreateBatch(owner=OURS, input_file=data, endpoint=ENDPOINT))
    with pytest.raises(InvalidError, match="takes no batches"):
        await yard.batches.create(CreateBatch(owner=OURS, input_file=data, endpoint="/v1/models"))
