"""A worker with each engine, from blobs to an answer, told to real discovery."""

import asyncio
import hashlib
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from tulou.adapters.files.blobs import open_file_blobs
from tulou.adapters.onnx.exporter import OnnxExporter
from tulou.adapters.onnx.minilm import minilm_folder
from tulou.contracts.discovery.messages import Replica, WatchReplicas
from tulou.contracts.observability.messages import MetricsReport
from tulou.contracts.replica.messages import WorkerExit
from tulou.engines.llamacpp import LlamaCppEngine
from tulou.engines.onnx import OnnxEngine
from tulou.engines.openvino import OpenVinoEngine
from tulou.kernel.clock import SystemClock
from tulou.kernel.message import Done
from tulou.ports.blobs import Blobs
from tulou.ports.launcher import WorkerFile, WorkerSpec
from tulou.services.discovery.service import LeasedDiscovery
from tulou.services.discovery.settings import DiscoverySettings
from tulou.services.replica.run import run
from tulou.services.replica.service import EngineMaker
from tulou.testing.confinement import confinement
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client
from tulou.testing.memory.blobs import MemoryBlobs

HELLO: Any = [{"role": "user", "content": "hello"}]


class Reports:
    """The one operation of observability that a worker uses."""

    def __init__(self) -> None:
        self.text = ""

    async def report(self, request: MetricsReport) -> Done:
        self.text = request.text
        return Done()


class Around:
    """What a worker finds around it."""

    def __init__(self, folder: Path) -> None:
        self.discovery = LeasedDiscovery(clock=SystemClock(), settings=DiscoverySettings())
        self.reports: Any = Reports()
        self.blobs: Blobs = MemoryBlobs()
        self.cache = folder / "cache"

    async def spec(self, files: Mapping[str, Path], **changed: Any) -> WorkerSpec:
        facts: dict[str, Any] = {
            "replica": "rep_1",
            "deployment": "tiny",
            "generation": 1,
            "model": "tiny",
            "version": 1,
            "engine": "llamacpp",
            "task": "chat",
            "format": "gguf",
            "architecture": "llama",
            "files": tuple([await self._stored(name, path) for name, path in files.items()]),
            "context_length": 1024,
            "concurrency": 2,
            "options": {},
            "token": "secret",
            "cache": str(self.cache),
        }
        return WorkerSpec(**{**facts, **changed})

    async def first(self) -> Replica:
        """Return the replica once it is announced."""
        live = await eventually(self._live)
        return live[0].replica

    async def _live(self) -> Any:
        return (await self.discovery.replicas(WatchReplicas())).replicas

    async def _stored(self, name: str, path: Path) -> WorkerFile:
        content = await asyncio.to_thread(path.read_bytes)
        digest = hashlib.sha256(content).hexdigest()
        await self.blobs.put_file(f"sha256/{digest}", path)
        return WorkerFile(name=name, blob=f"sha256/{digest}", digest=f"sha256:{digest}", size=len(content))


@asynccontextmanager
async def working(around: Around, spec: WorkerSpec, maker: EngineMaker) -> AsyncGenerator[asyncio.Task[WorkerExit]]:
    life = asyncio.create_task(
        run(
            spec,
            discovery=around.discovery,
            observability=around.reports,
            blobs=around.blobs,
            engine_factory=maker,
        )
    )
    try:
        yield life
    finally:
        if not life.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await life


@asynccontextmanager
async def asking(replica: Replica) -> AsyncGenerator[openai.AsyncOpenAI]:
    key = dict(replica.headers)["authorization"].removeprefix("Bearer ")
    async with openai.AsyncOpenAI(
        base_url=f"{replica.url}/v1", api_key=key, max_retries=0, http_client=http_client()
    ) as client:
        yield client


async def test_a_worker_serves_a_gguf_model_and_passes_the_engines_metrics_on(endless: Path, tmp_path: Path) -> None:
    around = Around(tmp_path)
    spec = await around.spec({"endless.gguf": endless})
    async with working(around, spec, LlamaCppEngine), asking(await around.first()) as client:
        answer = await client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=4)
        assert answer.usage
        assert answer.usage.completion_tokens == 4
        labels = 'deployment="tiny",engine="llamacpp",model="tiny",replica="rep_1"'
        await eventually(lambda: f"llamacpp:tokens_predicted_total{{{labels}}} 5.0" in around.reports.text)
        assert f"tulou_replica_running{{{labels}}}" in around.reports.text


async def test_sigterm_withdraws_and_lets_the_running_answer_end(endless: Path, tmp_path: Path) -> None:
    around = Around(tmp_path)
    spec = await around.spec({"endless.gguf": endless}, context_length=4096)
    async with working(around, spec, LlamaCppEngine) as life, asking(await around.first()) as client:
        stream = await client.chat.completions.create(model="tiny", messages=HELLO, stream=True, max_tokens=3000)
        seen = aiter(stream)
        await anext(seen)
        os.kill(os.getpid(), signal.SIGTERM)
        await eventually(lambda: _nobody_left(around))
        pieces = [piece async for piece in seen]
        assert pieces[-1].choices[0].finish_reason == "length"
        assert await life is WorkerExit.OK


async def test_workers_of_one_artifact_share_its_copy(tiny: Path, tmp_path: Path) -> None:
    around = Around(tmp_path)
    async with open_file_blobs(f"file://{tmp_path}/blobs") as around.blobs:
        spec = await around.spec({"tiny.gguf": tiny})
        for _ in range(2):
            async with working(around, spec, LlamaCppEngine):
                await around.first()
            around.discovery = LeasedDiscovery(clock=SystemClock(), settings=DiscoverySettings())
    assert len(copies(around.cache)) == 1


async def test_a_damaged_model_ends_the_worker_with_a_code_against_restarts(tiny: Path, tmp_path: Path) -> None:
    around = Around(tmp_path)
    broken = cut(tiny, tmp_path / "broken.gguf")
    spec = await around.spec({"broken.gguf": broken})
    async with working(around, spec, LlamaCppEngine) as life:
        assert await life is WorkerExit.BAD_ARTIFACT


async def test_a_worker_serves_vectors(tmp_path: Path) -> None:
    folder = OnnxExporter(confinement()).export(minilm_folder(), tmp_path / "artifact")
    around = Around(tmp_path)
    facts = {"engine": "onnx", "task": "embedding", "format": "onnx", "architecture": "bert"}
    spec = await around.spec(files_of(folder), **facts)
    async with working(around, spec, OnnxEngine), asking(await around.first()) as client:
        reply = await client.embeddings.create(model="minilm", input=["a house", "a round house"])
        assert [len(item.embedding) for item in reply.data] == [384, 384]
        assert reply.usage.prompt_tokens == 9


async def test_a_worker_serves_chats_on_openvino(endless: Path, tmp_path: Path) -> None:
    around = Around(tmp_path)
    spec = await around.spec({"endless.gguf": endless}, engine="openvino")
    async with working(around, spec, OpenVinoEngine), asking(await around.first()) as client:
        options: Any = {"include_usage": True}
        stream = await client.chat.completions.create(
            model="tiny", messages=HELLO, stream=True, max_tokens=9, stream_options=options
        )
        pieces = [piece async for piece in stream]
        assert pieces[-1].usage
        assert pieces[-1].usage.completion_tokens == 9
        with pytest.raises(openai.BadRequestError, match="the context 1024"):
            await client.chat.completions.create(
                model="tiny", messages=[{"role": "user", "content": "x" * 2000}], stream=True
            )
        await eventually(lambda: "vllm:generation_tokens_total{" in around.reports.text)


async def _nobody_left(around: Around) -> bool:
    return not (await around.discovery.replicas(WatchReplicas())).replicas


def cut(whole: Path, broken: Path) -> Path:
    broken.write_bytes(whole.read_bytes()[:-5000])
    return broken


def files_of(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir()}


def copies(cache: Path) -> list[Path]:
    return list(cache.rglob("*.gguf"))
