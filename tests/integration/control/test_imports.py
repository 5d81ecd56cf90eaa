"""Imports from end to end: the real queue, a runner, and the real converters on real files."""

import asyncio
import json
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

from tests.contracts.bindings import opened
from tulou.adapters.gguf.converter import GgufConverter
from tulou.adapters.onnx.exporter import OnnxExporter
from tulou.adapters.onnx.minilm import minilm_folder
from tulou.chassis.runner import JobRunner
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import Job, NameJob
from tulou.contracts.registry.messages import ImportModel, NameVersion, Version
from tulou.kernel.clock import Clock, SystemClock
from tulou.ports.converter import Converter
from tulou.ports.exporter import Exporter
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.services.registry.component import COMPONENT as REGISTRY
from tulou.services.registry.handlers import RegistryHandlers
from tulou.services.registry.service import RegistryService
from tulou.services.registry.settings import RegistrySettings
from tulou.testing.confinement import confinement
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.tiny_gguf import write_tiny_gguf


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.jobs.migrations", "tulou.services.registry.migrations") as small:
        yield small


@pytest.fixture
async def jobs(house: SmallHouse) -> AsyncGenerator[Jobs]:
    things = {JobsSettings: JobsSettings(), Clock: SystemClock()}
    async with opened(JOBS, house, "direct", things) as service:
        yield service


@pytest.fixture
async def registry(house: SmallHouse, jobs: Jobs) -> AsyncGenerator[RegistryService]:
    """A registry whose jobs are done meanwhile."""
    things = {
        Jobs: jobs,
        Converter: GgufConverter(confinement()),
        Exporter: OnnxExporter(confinement()),
        RegistrySettings: RegistrySettings(),
    }
    async with opened(REGISTRY, house, "direct", things) as service:
        handlers = RegistryHandlers(service)
        work = {kind: partial(method, handlers) for kind, method in REGISTRY.jobs.items()}
        runner = asyncio.create_task(JobRunner(jobs, work, name="test").run())
        yield service
        runner.cancel()
        await asyncio.gather(runner, return_exceptions=True)


async def ended(registry: RegistryService, jobs: Jobs, request: ImportModel) -> Job:
    started = await registry.import_model(request)

    async def finished() -> bool:
        return (await jobs.job(NameJob(id=started.job))).finished_at is not None

    await eventually(finished)
    return await jobs.job(NameJob(id=started.job))


async def imported(registry: RegistryService, jobs: Jobs, request: ImportModel) -> Version:
    job = await ended(registry, jobs, request)
    assert job.state == "succeeded", job.error
    version = await registry.resolve(NameVersion(model=request.model, reference="latest"))
    assert json.loads(job.result) == {"model": request.model, "version": version.number, "digest": version.digest}
    return version


async def test_a_gguf_file_becomes_a_signed_version_with_its_facts(
    registry: RegistryService, jobs: Jobs, house: SmallHouse, tmp_path: Path
) -> None:
    weights = write_tiny_gguf(tmp_path / "tiny.gguf")
    version = await imported(registry, jobs, ImportModel(path=str(weights), model="tiny"))
    facts = version.facts
    assert (facts.architecture, facts.quantization, facts.context_length) == ("llama", "Q8_0", 4096)
    assert facts.chat_template
    assert facts.parameters > 1_000_000
    assert (await registry.verify(NameVersion(model="tiny", reference="latest"))).valid
    assert not list((house.directory / "cache" / "imports").glob("*"))


async def test_weights_are_quantized_on_the_way_if_that_is_asked_for(
    registry: RegistryService, jobs: Jobs, tmp_path: Path
) -> None:
    weights = write_tiny_gguf(tmp_path / "tiny.gguf", quantized=False)
    whole = await imported(registry, jobs, ImportModel(path=str(weights), model="whole"))
    small = await imported(registry, jobs, ImportModel(path=str(weights), model="small", quantization="Q8_0"))
    assert small.facts.quantization == "Q8_0"
    assert small.files[0].size < whole.files[0].size / 2


def write_llama(folder: Path) -> Path:
    """Write a very small Llama with random weights, in the layout that Hugging Face's tools save."""
    folder.mkdir()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=alphabet, special_tokens=special, show_progress=False
    )
    tokenizer.train_from_iterator(["many equal rooms around one courtyard"] * 4, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=128,
        eos_token_id=2,
        tie_word_embeddings=True,
    )
    model: Any = LlamaForCausalLM(config)  # transformers types `save_pretrained` with holes
    model.save_pretrained(folder)
    (folder / "README.md").write_text("# Courtyard\n")
    return folder


async def test_a_hugging_face_folder_is_converted_quantized_and_brings_its_card(
    registry: RegistryService, jobs: Jobs, tmp_path: Path
) -> None:
    request = ImportModel(path=str(write_llama(tmp_path / "llama")), model="courtyard")
    version = await imported(registry, jobs, request)
    assert [file.name for file in version.files] == ["model.gguf"]
    assert (version.facts.architecture, version.facts.quantization) == ("llama", "Q8_0")
    assert (version.facts.context_length, version.card) == (128, "# Courtyard\n")
    assert (await registry.verify(NameVersion(model="courtyard", reference="latest"))).valid


async def test_the_embedding_model_that_comes_with_the_house_is_exported(registry: RegistryService, jobs: Jobs) -> None:
    version = await imported(registry, jobs, ImportModel(path=str(minilm_folder()), model="minilm"))
    assert {"model.onnx", "tokenizer.json", "pooling.json"} <= {file.name for file in version.files}
    facts = version.facts
    assert (facts.task, facts.format, facts.embedding_length) == ("embedding", "onnx", 384)
    assert (await registry.verify(NameVersion(model="minilm", reference="latest"))).valid


async def test_a_corrupt_file_fails_once_and_names_itself(
    registry: RegistryService, jobs: Jobs, house: SmallHouse, tmp_path: Path
) -> None:
    weights = write_tiny_gguf(tmp_path / "broken.gguf")
    weights.write_bytes(weights.read_bytes()[:100_000])
    job = await ended(registry, jobs, ImportModel(path=str(weights), model="broken"))
    assert (job.state, job.attempt) == ("failed", 1)
    assert "broken.gguf" in job.error
    assert not list((house.directory / "cache" / "imports").glob("*"))
