"""The llama.cpp engine with real models: tiny ones, but everything else is as in production."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.integration.engines.conftest import TOKEN, client_of, spec_of, user
from tulou.engines.llamacpp.engine import LlamaCppEngine
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.engine import EngineSpec
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client


@asynccontextmanager
async def opened(spec: EngineSpec) -> AsyncGenerator[LlamaCppEngine]:
    engine = LlamaCppEngine(spec)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


async def test_it_answers_a_chat_whole_and_in_pieces(endless: Path) -> None:
    async with opened(spec_of(endless)) as engine, client_of(engine) as http:
        asked = {"model": "tiny", "messages": user("hello"), "max_tokens": 5, "seed": 1, "temperature": 0}
        whole = (await http.post("/v1/chat/completions", json=asked)).json()
        assert whole["model"] == "tiny"
        assert whole["usage"]["completion_tokens"] == 5
        streamed = {**asked, "stream": True, "stream_options": {"include_usage": True}}
        lines = (await http.post("/v1/chat/completions", json=streamed)).text.split("\n\n")
        events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
        text = "".join(event["choices"][0]["delta"].get("content") or "" for event in events if event["choices"])
        assert text == whole["choices"][0]["message"]["content"]
        assert events[-1]["usage"]["completion_tokens"] == 5
        assert (await engine.load()).generated_tokens == 10


async def test_an_answer_follows_a_json_schema(endless: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"yes": {"type": "boolean"}},
        "required": ["yes"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    async with opened(spec_of(endless)) as engine, client_of(engine) as http:
        asked = {"messages": user("hello"), "response_format": wanted, "max_tokens": 500}
        reply = (await http.post("/v1/chat/completions", json=asked)).json()
        assert isinstance(json.loads(reply["choices"][0]["message"]["content"])["yes"], bool)


async def test_only_the_holder_of_the_token_is_let_in(tiny: Path) -> None:
    async with opened(spec_of(tiny)) as engine, http_client(engine.base_url) as stranger:
        for path in ("/v1/models", "/metrics", "/props", "/slots", "/lora-adapters"):
            assert (await stranger.get(path)).status_code == 401, path
        refused = await stranger.post("/v1/chat/completions", json={"messages": user("hello")})
        assert refused.status_code == 401


async def test_the_page_the_slots_and_other_origins_are_closed(tiny: Path) -> None:
    async with opened(spec_of(tiny)) as engine, client_of(engine) as http:
        assert (await http.get("/")).status_code == 404
        assert (await http.get("/slots")).status_code == 501
        answer = await http.options("/v1/models", headers={"origin": "http://evil.example"})
        assert answer.headers.get("access-control-allow-origin", "") == ""
        assert urlsplit(engine.base_url).hostname == "127.0.0.1"


async def test_two_engines_on_one_machine_take_different_ports(tiny: Path) -> None:
    async with opened(spec_of(tiny)) as one, opened(spec_of(tiny)) as other:
        assert one.base_url != other.base_url


async def test_generation_stops_with_the_token_after_the_client_left(endless: Path) -> None:
    async with opened(spec_of(endless, context_length=32_768)) as engine:
        where = urlsplit(engine.base_url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        body = json.dumps({"messages": user("hello"), "stream": True}).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n"
        writer.write(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        seen = 0
        while seen < 5:
            seen += (await reader.readline()).startswith(b"data:")
        writer.transport.abort()
        await eventually(lambda: _idle(engine))
        assert (await engine.load()).generated_tokens < 32_000  # else it would have gone on to the end of its context


async def test_a_full_house_of_requests_each_gets_the_whole_context(tiny: Path) -> None:
    async with opened(spec_of(tiny, context_length=512)) as engine, client_of(engine) as http:
        asked = {"messages": user("x" * 400), "max_tokens": 20}
        replies = await asyncio.gather(*(http.post("/v1/chat/completions", json=asked) for _ in range(4)))
        assert [reply.status_code for reply in replies] == [200] * 4
        too_long = await http.post("/v1/chat/completions", json={"messages": user("x" * 600)})
        assert too_long.status_code == 400
        assert "context" in too_long.json()["error"]["message"]


async def test_closing_cuts_off_what_is_still_being_written(endless: Path) -> None:
    engine = LlamaCppEngine(spec_of(endless, context_length=4096))
    await engine.open()
    async with client_of(engine) as http:
        asked = {"messages": user("hello"), "stream": True}
        async with http.stream("POST", "/v1/chat/completions", json=asked) as answer:
            await anext(answer.aiter_lines())
            async with asyncio.timeout(60):
                await engine.close()
    with pytest.raises(UnavailableError, match="not loaded"):
        _ = engine.base_url


async def test_it_makes_vectors_of_a_length_of_one(tiny: Path) -> None:
    async with opened(spec_of(tiny, task="embedding")) as engine, client_of(engine) as http:
        reply = await http.post("/v1/embeddings", json={"input": ["hello", "world"]})
        vectors = [item["embedding"] for item in reply.json()["data"]]
        assert [len(vector) for vector in vectors] == [256, 256]
        assert sum(x * x for x in vectors[0]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("damage", ["not a gguf", "cut in the header", "cut in the weights"])
async def test_a_damaged_file_is_named(tiny: Path, tmp_path: Path, damage: str) -> None:
    broken = damaged(tiny, tmp_path / "broken.gguf", damage)
    with pytest.raises(InvalidError, match=r"broken\.gguf"):
        await LlamaCppEngine(spec_of(broken)).open()


async def test_a_context_that_does_not_fit_into_memory_is_refused_in_words(tiny: Path) -> None:
    with pytest.raises(UnavailableError, match="MiB are free"):
        await LlamaCppEngine(spec_of(tiny, context_length=1 << 24, concurrency=64)).open()


async def test_a_model_without_a_file_it_can_load_is_refused(tiny: Path) -> None:
    with pytest.raises(InvalidError, match=r"no \.gguf file"):
        await LlamaCppEngine(spec_of(tiny, files={"model.safetensors": str(tiny)})).open()


def test_an_unknown_option_is_refused_with_the_nearest_name(tiny: Path) -> None:
    with pytest.raises(InvalidError, match="did you mean 'threads'"):
        LlamaCppEngine(spec_of(tiny, options={"thread": 2}))
    with pytest.raises(InvalidError, match="whole number"):
        LlamaCppEngine(spec_of(tiny, options={"threads": "two"}))


def damaged(tiny: Path, broken: Path, damage: str) -> Path:
    content = tiny.read_bytes()
    kept = {"not a gguf": b"hello" * 1000, "cut in the header": content[:500], "cut in the weights": content[:-9000]}
    broken.write_bytes(kept[damage])
    return broken


async def _idle(engine: LlamaCppEngine) -> bool:
    load = await engine.load()
    return load.running == 0
