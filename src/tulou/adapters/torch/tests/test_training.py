"""Training in a process of its own: it learns, repeats itself, says what is wrong, and ends when it is told."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import replace
from math import log
from pathlib import Path

import psutil
import pytest

from tulou.adapters.torch import TorchTrainer
from tulou.adapters.torch.trainer import CHILD
from tulou.kernel.errors import InvalidError, TulouError
from tulou.ports.trainer import ModelShape, TrainProgress, TrainSpec

ANSWERS = {"red": "stop", "green": "go", "yellow": "wait"}
SHAPE = ModelShape(layers=1, width=32, heads=2, feed_forward=64, vocabulary=320, context=64)


def line(colour: str, answer: str | None) -> str:
    messages = [{"role": "user", "content": f"The light is {colour}. What now?"}]
    if answer:
        messages.append({"role": "assistant", "content": answer})
    return json.dumps({"messages": messages}) + "\n"


def spec_in(folder: Path, *, shape: ModelShape = SHAPE, steps: int = 60) -> TrainSpec:
    folder.mkdir(exist_ok=True)
    (folder / "talk.jsonl").write_text("".join(line(*item) for item in ANSWERS.items()) * 50)
    (folder / "ask.jsonl").write_text("".join(line(colour, None) for colour in ANSWERS))
    return TrainSpec(
        name="lights",
        conversations=str(folder / "talk.jsonl"),
        questions=str(folder / "ask.jsonl"),
        shape=shape,
        steps=steps,
        batch_tokens=512,
        learning_rate=0.01,
        warmup_steps=5,
        seed=3,
        threads=1,
    )


def read_answers(path: str) -> list[str]:
    return [json.loads(each)["content"] for each in Path(path).read_bytes().splitlines()]


def children() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if CHILD in each.cmdline()]


async def test_the_loss_falls_the_answers_are_learnt_and_the_same_seed_makes_the_same_weights(tmp_path: Path) -> None:
    told: list[TrainProgress] = []
    first = await TorchTrainer().train(spec_in(tmp_path / "a"), str(tmp_path / "a"), told.append)
    again = await TorchTrainer().train(spec_in(tmp_path / "b"), str(tmp_path / "b"), lambda _: None)
    losses = [each.loss for each in told if each.stage == "training"]
    # The first report may come late on a fast machine; what an untrained model loses is known anyway.
    assert losses[-1] < log(SHAPE.vocabulary) / 3
    assert read_answers(first.answers) == list(ANSWERS.values())
    assert (again.digest, again.data_digest) == (first.digest, first.data_digest)
    assert (first.steps, first.cut_by_clock) == (60, False)
    assert json.loads(read(first.folder, "config.json"))["architectures"] == ["LlamaForCausalLM"]
    settings = json.loads(read(first.folder, "tokenizer_config.json"))
    assert "<|im_start|>" in settings["chat_template"]
    assert settings["eos_token"] == "<|im_end|>"
    stages = [each.stage for each in told]
    assert sorted(set(stages), key=stages.index) == ["tokenizer", "training", "answering", "saving"]


def read(folder: str, name: str) -> str:
    return (Path(folder) / name).read_text()


async def test_a_cancelled_training_leaves_no_process(tmp_path: Path) -> None:
    def cancel(progress: TrainProgress) -> None:
        if progress.stage == "training":
            task.cancel()

    task = asyncio.create_task(_trained(tmp_path, 100_000, cancel))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == []


async def _trained(folder: Path, steps: int, tell: Callable[[TrainProgress], None]) -> None:
    await TorchTrainer().train(spec_in(folder, steps=steps), str(folder), tell)


async def test_data_that_does_not_fit_is_refused_in_words(tmp_path: Path) -> None:
    spec = spec_in(tmp_path, shape=replace(SHAPE, context=4))
    with pytest.raises(InvalidError, match="no conversation of 150 fits into 4 tokens"):
        await TorchTrainer().train(spec, str(tmp_path), lambda _: None)


async def test_no_secret_of_the_environment_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("TULOU_PORTS__DATABASE", "postgres://tulou:secret@db/tulou")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nenv > {tmp_path}/environment\n")
    program.chmod(0o700)
    with pytest.raises(TulouError, match="ended with 0"):
        await TorchTrainer(python=str(program)).train(spec_in(tmp_path / "a"), str(tmp_path / "a"), lambda _: None)
    told = (tmp_path / "environment").read_text()
    assert "OMP_WAIT_POLICY=PASSIVE" in told
    assert f"PATH={os.environ['PATH']}" in told
    assert "secret" not in told


async def test_a_conversation_with_a_line_separator_is_one_conversation(tmp_path: Path) -> None:
    spec = spec_in(tmp_path, steps=2)
    for name in ("talk.jsonl", "ask.jsonl"):
        told = (tmp_path / name).read_text().replace("The light", "The\u2028light")
        (tmp_path / name).write_text(told, encoding="utf-8")
    trained = await TorchTrainer().train(spec, str(tmp_path), lambda _: None)
    assert len(read_answers(trained.answers)) == len(ANSWERS)
