import asyncio
import hashlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from tulou.contracts.replica.messages import GetReplicaStatus, WorkerExit
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.engine import EngineSpec
from tulou.ports.launcher import WorkerFile, WorkerSpec
from tulou.services.replica.service import Worker
from tulou.services.replica.settings import ReplicaSettings
from tulou.services.replica.tests.control import Control, Reports
from tulou.services.replica.tests.talker import Talker
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client
from tulou.testing.memory.blobs import MemoryBlobs

QUICK = ReplicaSettings(announce_every_s=0.02, drain_deadline_s=5)
CONTENT = b"weights"


class Stage:
    """One worker and everything around it."""

    def __init__(self, folder: Path, settings: ReplicaSettings) -> None:
        self.control, self.reports, self.blobs = Control(), Reports(), MemoryBlobs()
        self.engine = Talker()
        self.folder = folder
        self.worker = Worker(
            spec_in(folder),
            discovery=self.control,
            observability=self.reports,
            blobs=self.blobs,
            engine_factory=self.make,
            clock=SystemClock(),
            settings=settings,
        )

    def make(self, spec: EngineSpec) -> Talker:
        self.engine.spec = spec
        return self.engine

    async def phase(self) -> str:
        return (await self.worker.status(GetReplicaStatus())).phase

    async def serving(self) -> openai.AsyncOpenAI:
        await eventually(lambda: self.control.announced)
        url = self.control.announced[0].replica.url
        return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0, http_client=http_client())


def spec_in(folder: Path) -> WorkerSpec:
    digest = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
    return WorkerSpec(
        replica="rep_1",
        deployment="talk",
        generation=3,
        model="talk",
        version=1,
        engine="talker",
        task="chat",
        format="gguf",
        architecture="llama",
        files=(WorkerFile(name="model.gguf", blob="sha256/x", digest=digest, size=len(CONTENT)),),
        context_length=64,
        concurrency=2,
        options={},
        token="secret",
        cache=str(folder),
    )


async def one(content: bytes) -> AsyncIterator[bytes]:
    yield content


@asynccontextmanager
async def living(folder: Path, settings: ReplicaSettings = QUICK) -> AsyncGenerator[tuple[Stage, asyncio.Task[Any]]]:
    stage = Stage(folder, settings)
    await stage.blobs.put("sha256/x", one(CONTENT))
    life = asyncio.create_task(stage.worker.run())
    try:
        yield stage, life
    finally:
        stage.worker.leaving.leave("the test ends")
        await life


async def test_a_worker_fetches_loads_warms_and_announces_itself(tmp_path: Path) -> None:
    async with living(tmp_path) as (stage, _):
        await stage.serving()
        assert stage.engine.loaded == CONTENT
        assert stage.engine.asked[0].max_tokens == 1, "it was warmed through its endpoint"
        replica = stage.control.announced[0].replica
        assert (replica.id, replica.deployment, replica.generation, replica.concurrency) == ("rep_1", "talk", 3, 2)
        assert replica.headers == (("authorization", "Bearer secret"),)
        assert await stage.phase() == "serving"


async def test_a_worker_keeps_answering_while_control_is_away_and_announces_again_after(tmp_path: Path) -> None:
    async with living(tmp_path) as (stage, _):
        client = await stage.serving()
        stage.control.away = True
        asked = stage.control.asked
        await eventually(lambda: stage.control.asked > asked + 1)
        answer = await client.chat.completions.create(model="talk", messages=[{"role": "user", "content": "hi"}])
        assert answer.choices[0].message.content == "hi"
        stage.control.announced.clear()
        stage.control.away = False
        await eventually(lambda: stage.control.announced)
        await client.close()


async def test_a_drained_worker_goes_on_announcing_and_answering(tmp_path: Path) -> None:
    async with living(tmp_path) as (stage, _):
        client = await stage.serving()
        stage.control.draining = True
        await eventually(lambda: _is(stage, "draining"))
        stage.control.announced.clear()
        await eventually(lambda: stage.control.announced)
        assert await client.chat.completions.create(model="talk", messages=[{"role": "user", "content": "hi"}])
        await client.close()


async def test_asked_to_end_it_withdraws_first_and_finishes_what_runs(tmp_path: Path) -> None:
    async with living(tmp_path) as (stage, life):
        client = await stage.serving()
        stage.engine.gate = asyncio.Event()
        stage.engine.began.clear()
        answer = asyncio.create_task(
            client.chat.completions.create(model="talk", messages=[{"role": "user", "content": "one two"}])
        )
        await stage.engine.began.wait()
        stage.worker.leaving.leave("told to")
        await eventually(lambda: stage.control.withdrawn == ["rep_1"])
        assert not life.done()
        stage.engine.gate.set()
        assert (await answer).choices[0].message.content == "onetwo"
        assert await life is WorkerExit.OK
        assert stage.engine.closed
        await client.close()


async def test_what_still_runs_at_the_deadline_is_cut_off(tmp_path: Path) -> None:
    async with living(tmp_path, ReplicaSettings(announce_every_s=0.02, drain_deadline_s=0.2)) as (stage, life):
        client = await stage.serving()
        stage.engine.gate = asyncio.Event()
        stage.engine.began.clear()
        stage.engine.ended.clear()
        answer = asyncio.create_task(
            client.chat.completions.create(model="talk", messages=[{"role": "user", "content": "one two"}])
        )
        await stage.engine.began.wait()
        stage.worker.leaving.leave("told to")
        assert await life is WorkerExit.OK
        assert stage.engine.ended.is_set()
        with pytest.raises(openai.APIError):
            await answer
        await client.close()


async def test_being_asked_twice_cuts_off_at_once(tmp_path: Path) -> None:
    async with living(tmp_path, ReplicaSettings(drain_deadline_s=3600)) as (stage, life):
        client = await stage.serving()
        stage.engine.gate = asyncio.Event()
        stage.engine.began.clear()
        answer = asyncio.create_task(
            client.chat.completions.create(model="talk", messages=[{"role": "user", "content": "one two"}])
        )
        await stage.engine.began.wait()
        stage.worker.leaving.leave("told to")
        stage.worker.leaving.leave("told to, now")
        assert await life is WorkerExit.OK
        with pytest.raises(openai.APIError):
            await answer
        await client.close()


async def test_a_worker_that_discovery_knows_no_more_ends_itself(tmp_path: Path) -> None:
    async with living(tmp_path) as (stage, life):
        stage.control.unknown = True
        assert await life is WorkerExit.OK


async def test_the_end_of_the_lifeline_ends_the_worker(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    async with living(tmp_path) as (stage, life):
        stage.worker.leaving.listen(theirs.fileno())
        await stage.serving()
        ours.close()
        assert await life is WorkerExit.OK
        assert stage.worker.leaving.why == "the house is gone"
        stage.worker.leaving.deaf(theirs.fileno())
    theirs.close()


async def test_a_changed_file_ends_the_worker_for_good_and_is_named_in_its_log(tmp_path: Path) -> None:
    stage = Stage(tmp_path, QUICK)
    await stage.blobs.put("sha256/x", one(b"tampered"))
    assert await stage.worker.run() is WorkerExit.BAD_ARTIFACT
    assert not stage.engine.opened


async def test_each_kind_of_failure_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    for error, code in (
        (InvalidError("model.gguf: damaged"), WorkerExit.BAD_ARTIFACT),
        (UnavailableError("needs 9000 MiB"), WorkerExit.OUT_OF_MEMORY),
        (MemoryError(), WorkerExit.OUT_OF_MEMORY),
        (ImportError("install the extra"), WorkerExit.BAD_ENGINE),
        (RuntimeError("?"), WorkerExit.CRASHED),
    ):
        stage = Stage(tmp_path, QUICK)
        await stage.blobs.put("sha256/x", one(CONTENT))
        stage.engine.fails_with = error
        assert await stage.worker.run() is code
        assert stage.engine.closed


async def test_an_engine_that_cannot_answer_a_first_question_is_not_announced(tmp_path: Path) -> None:
    stage = Stage(tmp_path, QUICK)
    await stage.blobs.put("sha256/x", one(CONTENT))
    stage.engine.mute = True
    assert await stage.worker.run() is WorkerExit.BAD_ENGINE
    assert not stage.control.announced


async def test_its_metrics_carry_the_names_of_model_deployment_and_replica(tmp_path: Path) -> None:
    async with living(tmp_path) as (stage, _):
        await eventually(lambda: "tulou_replica_running" in stage.reports.last.text)
        labels = 'deployment="talk",engine="talker",model="talk",replica="rep_1"'
        assert f"tulou_replica_running{{{labels}}} 0.0" in stage.reports.last.text
        assert "process_resident_memory_bytes" in stage.reports.last.text
        assert (stage.reports.last.source, stage.reports.last.kind) == ("rep_1", "replica")


async def _is(stage: Stage, phase: str) -> bool:
    return await stage.phase() == phase
