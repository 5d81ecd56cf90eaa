"""A trainer that takes milliseconds, and a house for one attempt, for tests of what is done with a model."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from tulou.contracts.jobs.messages import Job
from tulou.kernel.errors import InvalidError
from tulou.ports.converter import ModelFacts, Progress
from tulou.ports.trainer import TrainedModel, TrainProgress, TrainSpec


class WritingTrainer:
    """Plays the trainer: its weights are the digest of the data, its answers are `answer` to every question.

    It waits for `may_go_on` half-way, so that a test can look, or cancel.
    """

    def __init__(self, answer: str = "ok") -> None:
        self.answer = answer
        self.specs: list[TrainSpec] = []
        self.half_way = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.fails_with: Exception | None = None

    async def train(self, spec: TrainSpec, workdir: str, progress: Callable[[TrainProgress], None]) -> TrainedModel:
        self.specs.append(spec)
        progress(TrainProgress(stage="training", step=1, steps=2, loss=3.0, elapsed_s=1.0, eta_s=1.0))
        self.half_way.set()
        await self.may_go_on.wait()
        if self.fails_with:
            raise self.fails_with
        return _trained(spec, Path(workdir), self.answer)


def _trained(spec: TrainSpec, workdir: Path, answer: str) -> TrainedModel:
    data = hashlib.sha256(Path(spec.conversations).read_bytes()).hexdigest()
    folder = workdir / "model"
    folder.mkdir(exist_ok=True)
    (folder / "model.safetensors").write_text(data)
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text("{}")
    questions = Path(spec.questions).read_text().splitlines()
    (workdir / "answers.jsonl").write_text(
        "".join(json.dumps({"content": answer}, ensure_ascii=False) + "\n" for _ in questions)
    )
    return TrainedModel(
        folder=str(folder),
        parameters=1_000,
        steps=2,
        tokens=100,
        loss=0.5,
        seconds=0.1,
        seed=spec.seed,
        digest=hashlib.sha256(data.encode()).hexdigest(),
        data_digest=data,
        cut_by_clock=False,
        answers=str(workdir / "answers.jsonl"),
    )


class CopyingConverter:
    """Plays the converter with files of a few bytes."""

    quantizations: tuple[str, ...] = ("Q8_0",)
    architectures: tuple[str, ...] = ("LlamaForCausalLM",)

    async def convert(self, folder: str, target: str, progress: Progress) -> ModelFacts:
        progress(1.0)
        Path(target).write_bytes(b"GGUF F16 " + (Path(folder) / "model.safetensors").read_bytes())  # noqa: ASYNC240
        return await self.inspect(target)

    async def quantize(self, source: str, target: str, quantization: str, progress: Progress) -> ModelFacts:
        progress(1.0)
        content = Path(source).read_bytes()  # noqa: ASYNC240
        Path(target).write_bytes(content.replace(b"F16", quantization.encode()))  # noqa: ASYNC240
        return await self.inspect(target)

    async def inspect(self, path: str) -> ModelFacts:
        content = Path(path).read_bytes()  # noqa: ASYNC240
        if not content.startswith(b"GGUF"):
            raise InvalidError(f"{path} is no GGUF file")
        return ModelFacts(
            format="gguf",
            architecture="llama",
            parameters=1_000,
            context_length=1024,
            quantization=content.split(b" ")[1].decode(),
            chat_template=True,
        )


class Attempt:
    """One attempt at a job, with the steps of those before."""

    def __init__(self, job: Job, steps: dict[str, str] | None = None) -> None:
        self.job = job
        self.steps = steps or {}
        self.notes: list[str] = []

    def progress(self, share: float, note: str = "") -> None:
        assert 0 <= share <= 1
        self.notes.append(note)

    def step(self, name: str) -> str | None:
        return self.steps.get(name)

    async def record(self, name: str, value: str = "null") -> None:
        self.steps[name] = value
