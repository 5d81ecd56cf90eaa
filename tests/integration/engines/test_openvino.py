"""The openvino engine with real, tiny models."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.engines.conftest import spec_of, user
from tulou.engines.openvino.engine import OpenVinoEngine
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.engine import Chunk, Sampling
from tulou.testing.eventually import eventually

GREEDY: dict[str, Any] = {"temperature": 0.0, "max_tokens": 20}
LONG = 32_768
"""Tokens: what an endless model says until then takes seconds, however fast the machine is."""


@asynccontextmanager
async def opened(path: Path, **changed: Any) -> AsyncGenerator[OpenVinoEngine]:
    engine = OpenVinoEngine(spec_of(path, **changed))
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


async def answer(engine: OpenVinoEngine, text: str, **how: Any) -> tuple[str, Chunk]:
    chunks = [chunk async for chunk in engine.generate(user(text), Sampling(**{**GREEDY, **how}))]
    return "".join(chunk.text for chunk in chunks), chunks[-1]


async def test_it_answers_in_pieces_that_end_with_the_cost(endless: Path) -> None:
    async with opened(endless) as engine:
        _, last = await answer(engine, "hello")
        # <|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n, where "he" is one token
        assert (last.finish, last.prompt_tokens, last.generated_tokens) == ("length", 23, 20)


async def test_an_endless_model_never_ends_by_itself_however_its_tokens_are_drawn(endless: Path) -> None:
    async with opened(endless, concurrency=4) as engine:
        answers = [answer(engine, "hello", temperature=2.0, seed=seed, max_tokens=400) for seed in range(4)]
        ends = [(last.finish, last.generated_tokens) for _, last in await asyncio.gather(*answers)]
        assert ends == [("length", 400)] * 4


async def test_the_same_question_gets_the_same_answer_alone_and_beside_others(endless: Path) -> None:
    async with opened(endless, concurrency=4) as engine:
        alone = await answer(engine, "hello")
        beside = await asyncio.gather(*(answer(engine, text) for text in ("hello", "what", "hello", "x" * 300)))
        assert [beside[0], beside[2]] == [alone, alone]


async def test_a_seed_repeats_an_answer(endless: Path) -> None:
    async with opened(endless) as engine:
        asked = {"temperature": 1.5, "seed": 7}
        first, second = await answer(engine, "hello", **asked), await answer(engine, "hello", **asked)
        other = await answer(engine, "hello", temperature=1.5, seed=8)
        assert first[0] == second[0] != other[0]


async def test_an_answer_ends_before_a_stop_string(endless: Path) -> None:
    async with opened(endless) as engine:
        whole, _ = await answer(engine, "hello", temperature=1.0, seed=3, max_tokens=200)
        stop = whole[10:12]
        text, last = await answer(engine, "hello", temperature=1.0, seed=3, max_tokens=200, stop=(stop,))
        assert text == whole[: whole.index(stop)]
        assert last.finish == "stop"


async def test_an_answer_follows_a_json_schema(endless: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"yes": {"type": "boolean"}},
        "required": ["yes"],
        "additionalProperties": False,
    }
    async with opened(endless) as engine:
        # drawn, since the likeliest token could be white space for ever, which the schema allows
        drawn = {"temperature": 1.0, "seed": 5, "max_tokens": 300}
        text, last = await answer(engine, "hello", json_schema=json.dumps(schema), **drawn)
        assert isinstance(json.loads(text)["yes"], bool)
        assert last.finish == "stop"


async def test_closing_the_iterator_stops_the_generation(endless: Path) -> None:
    async with opened(endless, context_length=LONG) as engine:
        how = Sampling(temperature=1.0, max_tokens=0)
        async with aclosing(engine.generate(user("hello"), how)) as chunks:
            await anext(chunks)
            await eventually(lambda: _runs(engine, 1))
        await eventually(lambda: _runs(engine, 0))


async def test_a_prompt_longer_than_the_context_is_refused(endless: Path) -> None:
    async with opened(endless, context_length=256) as engine:
        with pytest.raises(InvalidError, match="the context 256"):
            await answer(engine, "x" * 400)
        _, last = await answer(engine, "x" * 200, max_tokens=0)
        assert last.prompt_tokens + last.generated_tokens == 256


async def test_more_requests_than_places_take_turns(endless: Path) -> None:
    async with opened(endless, concurrency=2, context_length=256) as engine:
        answers = await asyncio.gather(*(answer(engine, "x" * 100, max_tokens=100) for _ in range(6)))
        assert {last.generated_tokens for _, last in answers} == {100}


async def test_its_figures_have_the_names_of_vllm(endless: Path) -> None:
    async with opened(endless) as engine:
        await answer(engine, "hello")
        assert "vllm:generation_tokens_total 20\n" in await engine.metrics()


async def test_who_waits_when_it_is_closed_is_told(endless: Path) -> None:
    engine = OpenVinoEngine(spec_of(endless, context_length=LONG))
    await engine.open()
    asking = asyncio.create_task(answer(engine, "hello", max_tokens=0))
    await eventually(lambda: _runs(engine, 1))
    await engine.close()
    with pytest.raises(UnavailableError, match="closed"):
        await asking


@pytest.mark.parametrize("kept", [3, 500, 100_000, -9000])
async def test_a_damaged_file_is_named_and_does_not_end_the_process(tiny: Path, tmp_path: Path, kept: int) -> None:
    broken = damaged(tiny, tmp_path / "broken.gguf", kept)
    with pytest.raises(InvalidError, match=r"broken\.gguf"):
        await OpenVinoEngine(spec_of(broken)).open()


def test_what_it_cannot_load_is_refused_with_a_way_out(tiny: Path) -> None:
    with pytest.raises(InvalidError, match="deploy it on engine llamacpp"):
        OpenVinoEngine(spec_of(tiny, architecture="gemma3"))
    with pytest.raises(InvalidError, match="did you mean 'threads'"):
        OpenVinoEngine(spec_of(tiny, options={"thread": 1}))


def damaged(whole: Path, broken: Path, kept: int) -> Path:
    broken.write_bytes(whole.read_bytes()[:kept])
    return broken


async def _runs(engine: OpenVinoEngine, number: int) -> bool:
    return (await engine.load()).running == number
