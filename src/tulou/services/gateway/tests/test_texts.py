"""Rerank, tokens and counts of tokens: by those who can, else by the documented rule."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.types import Send

from tulou.contracts.routing.messages import Endpoint, Snapshot
from tulou.services.gateway.tests.clients import anthropic_client
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, Upstream, reply, upstream
from tulou.testing.eventually import eventually

ENDPOINTS: tuple[Endpoint, ...] = (
    "chat", "embeddings", "messages", "count_tokens", "rerank", "moderations", "tokenize", "detokenize"
)  # fmt: skip
VECTORS = {"earth": [1.0, 0.0], "tax": [0.0, 1.0], "house": [0.9, 0.1]}


def told_of(one: Upstream) -> Snapshot:
    return snapshot(target(one.replica(), endpoints=ENDPOINTS))


async def llama(seen: Seen, send: Send) -> None:
    """Answer as llama.cpp does."""
    asked = seen.json
    match seen.path:
        case "/apply-template":
            text = "".join(f"<{turn['role']}>{turn['content']}" for turn in asked["messages"])
            await reply(send, 200, {"prompt": text})
        case "/tokenize":
            await reply(send, 200, {"tokens": list(range(len(asked["content"])))})
        case "/detokenize":
            await reply(send, 200, {"content": "x" * len(asked["tokens"])})
        case "/v1/embeddings":
            data = [
                {"index": place, "embedding": next(vector for word, vector in VECTORS.items() if word in text)}
                for place, text in enumerate(asked["input"])
            ]
            await reply(send, 200, {"data": data, "usage": {"prompt_tokens": 9}})
        case _:
            await reply(send, 404, {"error": {"message": "no such path"}})


async def vllm(seen: Seen, send: Send) -> None:
    """Answer as vLLM does: conversations are cut at once, and it reranks."""
    asked = seen.json
    match seen.path:
        case "/tokenize":
            text = asked.get("prompt") or "".join(turn["content"] for turn in asked["messages"])
            await reply(send, 200, {"count": len(text), "max_model_len": 4096, "tokens": list(range(len(text)))})
        case "/detokenize":
            await reply(send, 200, {"prompt": "x" * len(asked["tokens"])})
        case "/v1/rerank" | "/v2/rerank":
            results = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]
            meta = {"billed_units": {"search_units": 1}}
            await reply(send, 200, {"id": "r", "results": results, "meta": meta, "usage": {"total_tokens": 5}})
        case _:
            await reply(send, 404, {"error": {"message": "no such path"}})


@pytest.mark.parametrize("path", ["/tokenize", "/v1/tokenize"])
@pytest.mark.parametrize("act", [llama, vllm])
async def test_texts_are_cut_into_tokens_and_put_together_again(tmp_path: Path, path: str, act: Any) -> None:
    async with (
        upstream(act=act) as one,
        gate(tmp_path, snapshot(target(one.replica(), endpoints=ENDPOINTS))) as running,
    ):
        for field in ("content", "prompt"):
            got = await running.http.post(path, json={"model": "tiny", field: "four"}, headers=AUTH)
            assert (got.json()["tokens"], got.json()["count"]) == ([0, 1, 2, 3], 4)
        asked = {"model": "tiny", "messages": [{"role": "user", "content": "four"}]}
        got = await running.http.post(path, json=asked, headers=AUTH)
        assert got.json()["count"] == (10 if act is llama else 4)
        back = path.replace("/tokenize", "/detokenize")
        got = await running.http.post(back, json={"model": "tiny", "tokens": [1, 2]}, headers=AUTH)
        assert (got.json()["content"], got.json()["prompt"]) == ("xx", "xx")


async def test_a_vendor_without_a_tokenizer_says_so(tmp_path: Path) -> None:
    async with upstream(act=llama) as one:
        told = snapshot(target(one.replica(provider="vendor"), endpoints=ENDPOINTS))
        async with gate(tmp_path, told) as running:
            got = await running.http.post("/tokenize", json={"model": "tiny", "content": "x"}, headers=AUTH)
            assert (got.status_code, got.json()["error"]["code"]) == (400, "endpoint_not_supported")


@pytest.mark.parametrize(
    ("act", "changes", "tokens", "counted"),
    [
        (llama, {}, 14, "tokenizer"),
        (vllm, {}, 8, "tokenizer"),
        (llama, {"provider": "vendor"}, 2, "estimate"),
        (llama, {"provider": "vendor", "dialect": "gemini"}, 2, "estimate"),
    ],
)
async def test_the_tokens_of_a_prompt_are_counted_by_the_model_or_by_the_rule(
    tmp_path: Path, act: Any, changes: dict[str, Any], tokens: int, counted: str
) -> None:
    async with (
        upstream(act=act) as one,
        gate(tmp_path, snapshot(target(one.replica(**changes), endpoints=ENDPOINTS))) as running,
        anthropic_client(running.url) as client,
    ):
        turns: list[Any] = [{"role": "user", "content": "12345678"}]
        raw = await client.messages.with_raw_response.count_tokens(model="tiny", messages=turns)
        assert ((await raw.parse()).input_tokens, raw.headers["x-tulou-counted"]) == (tokens, counted)


async def test_a_vendor_that_counts_tokens_is_asked_as_the_client_asked(tmp_path: Path) -> None:
    async def act(seen: Seen, send: Send) -> None:
        assert seen.path == "/v1/messages/count_tokens"
        await reply(send, 200, {"input_tokens": 42})

    async with upstream(act=act) as one:
        told = snapshot(target(one.replica(dialect="anthropic", upstream_model="claude"), endpoints=ENDPOINTS))
        async with gate(tmp_path, told) as running:
            asked = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}]}
            headers = {**AUTH, "anthropic-beta": "some-beta", "anthropic-version": "2099-01-01"}
            got = await running.http.post("/anthropic/v1/messages/count_tokens", json=asked, headers=headers)
            assert got.json() == {"input_tokens": 42}
            assert one.seen[0].json == {**asked, "model": "claude"}
            assert one.seen[0].headers[b"anthropic-beta"] == b"some-beta"
            assert one.seen[0].headers[b"anthropic-version"] == b"2023-06-01"


async def test_a_model_of_embeddings_ranks_by_likeness(tmp_path: Path) -> None:
    async with (
        upstream(act=llama) as one,
        gate(tmp_path, snapshot(target(one.replica(), endpoints=ENDPOINTS))) as running,
    ):
        asked = {"model": "tiny", "query": "earth", "documents": ["tax", {"text": "house"}], "return_documents": True}
        for path in ("/v1/rerank", "/rerank"):
            got = (await running.http.post(path, json=asked, headers=AUTH)).json()
            assert [result["index"] for result in got["results"]] == [1, 0]
            assert got["results"][0]["relevance_score"] == pytest.approx(0.9939, abs=0.001)
            assert got["results"][0]["document"] == {"text": "house"}
        got = (await running.http.post("/v2/rerank", json={**asked, "top_n": 1}, headers=AUTH)).json()
        assert [result["index"] for result in got["results"]] == [1]
        assert got["meta"]["billed_units"] == {"search_units": 1}
        wrong: dict[str, Any] = {"model": "tiny", "query": "earth", "documents": [{}]}
        bad = await running.http.post("/v1/rerank", json=wrong, headers=AUTH)
        assert bad.status_code == 400


async def test_a_reranker_is_asked_itself_and_its_searches_are_counted(tmp_path: Path) -> None:
    async with upstream(act=vllm) as one:
        told = snapshot(target(one.replica(capabilities=("rerank",), upstream_model="rr"), endpoints=ENDPOINTS))
        async with gate(tmp_path, told) as running:
            asked = {"model": "tiny", "query": "q", "documents": ["a", "b"]}
            got = (await running.http.post("/v1/rerank", json=asked, headers=AUTH)).json()
            assert [result["index"] for result in got["results"]] == [1, 0]
            assert one.seen[0].json["model"] == "rr"
            await eventually(lambda: len(running.metering.entries) == 1)
            (entry,) = running.metering.entries.values()
            assert (entry.units.searches, entry.endpoint) == (1, "rerank")


async def test_moderations_pass_through(tmp_path: Path) -> None:
    said = {"id": "m", "model": "omni", "results": [{"flagged": False}]}

    async def act(seen: Seen, send: Send) -> None:
        await reply(send, 200, said)
        del seen

    async with (
        upstream(act=act) as one,
        gate(tmp_path, snapshot(target(one.replica(), endpoints=ENDPOINTS))) as running,
    ):
        got = await running.http.post("/v1/moderations", json={"model": "tiny", "input": "hi"}, headers=AUTH)
        assert msgspec.json.decode(got.content) == said
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()
        assert (entry.counted, entry.units.output) == ("estimate", 0)
        assert entry.units.input > 0


async def test_embeddings_come_from_vendors_with_a_dialect_of_their_own(tmp_path: Path) -> None:
    async def act(seen: Seen, send: Send) -> None:
        assert "batchEmbedContents" in seen.path
        await reply(send, 200, {"embeddings": [{"values": [0.5, 0.25]}]})

    async with upstream(act=act) as one:
        replica = one.replica(dialect="gemini", upstream_model="gemini-embedding-001")
        async with gate(tmp_path, snapshot(target(replica, endpoints=ENDPOINTS))) as running:
            got = await running.http.post("/v1/embeddings", json={"model": "tiny", "input": "hi"}, headers=AUTH)
            assert got.json()["data"][0]["embedding"] == [0.5, 0.25]
