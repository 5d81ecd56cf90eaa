"""What the house's own engines have no place for is told, refused, or put right: they pass over it without a word."""

from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Send

from tulou.contracts.discovery.messages import ReplicaCredential
from tulou.contracts.routing.messages import Endpoint, RetryPolicy, Route, TrafficShare
from tulou.services.gateway.stack.backend import is_own
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.test_books import on_disk
from tulou.services.gateway.tests.upstream import WHOLE, Seen, Upstream, answer, reply, upstream

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "completions", "embeddings", "responses", "messages")
TOKENS = [{"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "a", "logprob": -0.5}]}] * 2


async def answers(seen: Seen, send: Send) -> None:
    """Answer as llama.cpp does: probabilities in the shape of chats, counts of one answer, vectors of their length."""
    if seen.path == "/v1/embeddings":
        data = [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25, 0.125]}]
        await reply(send, 200, {"data": data, "usage": {"prompt_tokens": 2, "total_tokens": 2}})
        return
    choices = [
        {"index": at, "text": "a" * 40, "logprobs": {"content": TOKENS}, "finish_reason": "stop"}
        for at in range(seen.json.get("n") or 1)
    ]
    await reply(send, 200, {"choices": choices, "usage": {"prompt_tokens": 7, "completion_tokens": 10}})


async def ask(directory: Path, path: str, **asked: Any) -> Any:
    async with upstream(act=answers) as one:
        told = snapshot(target(one.replica(), endpoints=ENDPOINTS))
        async with gate(directory, told) as running:
            got = await running.http.post(path, json={"model": "tiny", **asked}, headers=AUTH)
            return got, one.seen, on_disk(running)


@pytest.mark.parametrize(("field", "value"), [("verbosity", "low"), ("store", True), ("of_tomorrow", 1)])
async def test_what_has_no_place_is_told_in_the_header(tmp_path: Path, field: str, value: object) -> None:
    asked = {"prompt": "x", field: value}
    got, _, _ = await ask(tmp_path, "/v1/completions", **asked)

    assert got.status_code == 200
    assert got.headers["x-tulou-dropped"].startswith(f"{field} (")


TURNS = [{"role": "user", "content": "hi"}]
WAYS: dict[str, dict[str, Any]] = {
    "/v1/completions": {"prompt": "x"},
    "/v1/chat/completions": {"messages": TURNS},
    "/v1/responses": {"input": "hi"},
    "/v1/messages": {"messages": TURNS, "max_tokens": 9},
    "/v1/embeddings": {"input": "x"},
    "/tokenize": {"content": "x"},
    "/detokenize": {"tokens": [1]},
}


@pytest.mark.parametrize("field", ["speculative.n_max", "response_fields", "n_discard", "of_tomorrow"])
@pytest.mark.parametrize("path", WAYS)
async def test_what_is_told_as_dropped_does_not_reach_the_engine(tmp_path: Path, path: str, field: str) -> None:
    async def act(seen: Seen, send: Send) -> None:
        said = {"/tokenize": {"tokens": [1]}, "/detokenize": {"content": "x"}}.get(seen.path, WHOLE)
        await (answers(seen, send) if seen.path.endswith("embeddings") else reply(send, 200, said))

    async with upstream(act=act) as one:
        told = snapshot(target(one.replica(), endpoints=(*ENDPOINTS, "tokenize", "detokenize")))
        async with gate(tmp_path, told) as running:
            body = {"model": "tiny", **WAYS[path], field: 1}
            got = await running.http.post(path, json=body, headers=AUTH)

    assert got.status_code == 200, got.text
    assert field in got.headers["x-tulou-dropped"]
    assert all(field not in seen.json for seen in one.seen)
    assert one.seen


async def test_what_an_engine_of_the_house_is_not_asked_a_vendor_that_stands_in_for_it_is(tmp_path: Path) -> None:
    async def fail(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 503, {})

    async with upstream("own", fail) as own, upstream("vendor") as vendor:
        outside = vendor.replica("spare", provider="openai")
        route = Route(
            model="tiny", shares=(TrafficShare(deployment="tiny"),), fallbacks=("spare",), retry=RetryPolicy(attempts=1)
        )
        told = snapshot(target(own.replica()), target(outside, deployment="spare"), routes=(route,))
        async with gate(tmp_path, told) as running:
            got = await running.chat(verbosity="low")

    assert "verbosity" not in own.seen[0].json
    assert vendor.seen[0].json["verbosity"] == "low"
    assert "x-tulou-dropped" not in got.headers


async def test_another_house_is_a_vendor_that_gets_what_was_asked(tmp_path: Path) -> None:
    async with upstream() as one:
        told = snapshot(target(one.replica(provider="tulou", place=one.url, upstream_model="m")))
        async with gate(tmp_path, told) as running:
            got = await running.chat(verbosity="low", n_probs=1, id_slot=2)

    assert got.status_code == 200
    assert "x-tulou-dropped" not in got.headers
    assert (one.seen[0].json["verbosity"], one.seen[0].json["id_slot"]) == ("low", 2)


def test_an_engine_of_the_house_is_one_that_no_vendor_is_taken_for() -> None:
    one = Upstream("r1", url="http://127.0.0.1:9")
    key = ReplicaCredential(id="a", headers=(("authorization", "Bearer x"),))

    assert is_own(one.replica())
    assert not is_own(one.replica(dialect="anthropic"))
    assert not is_own(one.replica(provider="openai-compatible"))
    assert not is_own(one.replica(place="https://gate.example.com/v1"))
    assert not is_own(one.replica(credentials=(key,)))


@pytest.mark.parametrize(("field", "value"), [("echo", False), ("best_of", 1), ("suffix", ""), ("store", None)])
async def test_a_wish_for_nothing_needs_no_word(tmp_path: Path, field: str, value: object) -> None:
    asked = {"prompt": "x", field: value}
    got, _, _ = await ask(tmp_path, "/v1/completions", **asked)

    assert got.status_code == 200
    assert "x-tulou-dropped" not in got.headers


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("/v1/completions", "echo", True),
        ("/v1/completions", "suffix", "."),
        ("/v1/completions", "best_of", 2),
        ("/v1/chat/completions", "functions", [{"name": "f"}]),
        ("/v1/chat/completions", "modalities", ["text", "audio"]),
        ("/v1/chat/completions", "guided_regex", "a+"),
    ],
)
async def test_what_would_make_the_answer_wrong_is_refused_by_name(
    tmp_path: Path, path: str, field: str, value: object
) -> None:
    turns = {"messages": [{"role": "user", "content": "hi"}]} if "chat" in path else {"prompt": "x"}
    got, seen, _ = await ask(tmp_path, path, **turns, **{field: value})

    assert got.status_code == 400
    assert got.json()["error"]["param"] == field
    assert seen == []


async def test_probabilities_of_completions_come_in_their_own_shape(tmp_path: Path) -> None:
    got, _, _ = await ask(tmp_path, "/v1/completions", prompt="x", logprobs=1)

    assert got.json()["choices"][0]["logprobs"] == {
        "tokens": ["a", "a"],
        "token_logprobs": [-0.5, -0.5],
        "top_logprobs": [{"a": -0.5}, {"a": -0.5}],
        "text_offset": [0, 1],
    }


async def test_probabilities_in_a_stream_of_completions_are_refused(tmp_path: Path) -> None:
    got, _, _ = await ask(tmp_path, "/v1/completions", prompt="x", logprobs=1, stream=True)

    assert got.status_code == 400
    assert got.json()["error"]["param"] == "logprobs"


async def test_vectors_of_another_length_than_was_asked_are_not_given(tmp_path: Path) -> None:
    short, _, _ = await ask(tmp_path, "/v1/embeddings", input="x", dimensions=2)
    same, _, _ = await ask(tmp_path / "other", "/v1/embeddings", input="x", dimensions=3)

    assert short.status_code == 400
    assert short.json()["error"]["param"] == "dimensions"
    assert "3 numbers" in short.json()["error"]["message"]
    assert same.status_code == 200


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_what_an_engine_itself_names_is_told_once(tmp_path: Path, path: str, *, stream: bool) -> None:
    async def act(seen: Seen, send: Send) -> None:
        async def naming(message: Message) -> None:
            if "headers" in message:
                message["headers"] = [*message["headers"], (b"x-tulou-dropped", b"top_k, user")]
            await send(message)

        await answer(seen, naming)

    async with upstream(act=act) as one:
        told = snapshot(target(one.replica(), endpoints=ENDPOINTS))
        async with gate(tmp_path, told) as running:
            asked = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 9, "top_k": 4}
            who = {"metadata": {"user_id": "u"}} if "messages" in path else {"user": "u"}
            got = await running.http.post(path, json={**asked, **who, "stream": stream}, headers=AUTH)

    assert got.headers.get_list("x-tulou-dropped") == [got.headers["x-tulou-dropped"]]
    assert got.headers["x-tulou-dropped"].count("user (") == 1
    assert "top_k (" in got.headers["x-tulou-dropped"]


async def test_several_answers_are_not_billed_as_one(tmp_path: Path) -> None:
    _, _, entries = await ask(tmp_path, "/v1/completions", prompt="x" * 28, n=3)

    (entry,) = entries
    assert entry.counted == "estimate"
    assert entry.units.output == 30


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/messages"])
async def test_what_is_lost_behind_a_translation_is_told_too(tmp_path: Path, path: str) -> None:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        message = {"role": "assistant", "content": "hello"}
        await reply(send, 200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    asked = {"input": "hi", "user": "u"} if "responses" in path else {"max_tokens": 9, "metadata": {"user_id": "u"}}
    turns = {} if "responses" in path else {"messages": [{"role": "user", "content": "hi"}]}
    async with upstream(act=act) as one:
        told = snapshot(target(one.replica(), endpoints=ENDPOINTS))
        async with gate(tmp_path, told) as running:
            got = await running.http.post(path, json={"model": "tiny", **asked, **turns}, headers=AUTH)

    assert "user" in got.headers["x-tulou-dropped"]
