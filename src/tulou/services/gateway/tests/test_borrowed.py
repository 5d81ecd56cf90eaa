"""Requests that lack what their endpoint needs or come in the shape of another, taken where their meaning is plain."""

from pathlib import Path
from typing import Any

import pytest
from starlette.types import Send

from tulou.contracts.routing.messages import Endpoint, Grant, Target
from tulou.services.gateway.tests.gate import AUTH, gate, grant, snapshot, target
from tulou.services.gateway.tests.test_dialects import BOTH
from tulou.services.gateway.tests.upstream import Seen, Upstream, answer, reply, upstream

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "responses", "messages", "moderations", "tokenize")
CURSOR: dict[str, Any] = {
    "model": "tiny",
    "instructions": "Be brief.",
    "input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
    "tools": [{"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False}],
    "reasoning": {"effort": "low"},
    "text": {"verbosity": "low"},
    "store": False,
}


async def moderates(seen: Seen, send: Send) -> None:
    await reply(send, 200, {"id": "m", "model": seen.json["model"], "results": [{"flagged": False}]})


def deployed(one: Upstream, *names: str) -> list[Target]:
    return [target(one.replica(name), deployment=name, endpoints=ENDPOINTS) for name in names]


@BOTH
async def test_a_body_of_responses_at_the_path_of_chats_is_answered_as_a_chat(tmp_path: Path, *, stream: bool) -> None:
    async with upstream(act=answer) as one, gate(tmp_path, snapshot(target(one.replica(provider="v")))) as running:
        got = await running.http.post("/v1/chat/completions", json=CURSOR | {"stream": stream}, headers=AUTH)

    assert got.status_code == 200
    assert ("chat.completion.chunk" if stream else '"chat.completion"') in got.text
    asked = one.seen[0].json
    assert [(turn["role"], turn["content"]) for turn in asked["messages"]] == [("system", "Be brief."), ("user", "hi")]
    assert asked["tools"][0]["function"]["name"] == "look"
    assert (asked["reasoning_effort"], asked["verbosity"]) == ("low", "low")


async def test_what_of_such_a_body_no_chat_can_ask_is_told_or_refused(tmp_path: Path) -> None:
    async with upstream(act=answer) as one, gate(tmp_path, snapshot(target(one.replica(provider="v")))) as running:

        async def ask(**more: Any) -> Any:
            return await running.http.post("/v1/chat/completions", json=CURSOR | more, headers=AUTH)

        assert "truncation (" in (await ask(truncation="auto")).headers["x-tulou-dropped"]
        for refused in ({"previous_response_id": "resp_1"}, {"background": True}):
            got = await ask(**refused)
            assert (got.status_code, got.json()["error"]["param"]) == (400, next(iter(refused)))
        neither = await running.http.post("/v1/chat/completions", json={"model": "tiny"}, headers=AUTH)
        assert neither.json()["error"]["param"] == "messages"


async def test_messages_at_the_path_of_responses_are_refused_by_name(tmp_path: Path) -> None:
    async with upstream(act=answer) as one, gate(tmp_path, snapshot(*deployed(one, "tiny"))) as running:
        body = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}]}
        got = await running.http.post("/v1/responses", json=body, headers=AUTH)

    assert (got.status_code, got.json()["error"]["param"]) == (400, "input")
    assert one.seen == []


@pytest.mark.parametrize(
    ("names", "models", "status", "meant"),
    [
        (("house-moderation",), ("*",), 200, "house-moderation"),
        (("a", "omni-moderation-latest"), ("*",), 200, "omni-moderation-latest"),
        (("a", "b"), ("b",), 200, "b"),
        (("a", "b"), ("*",), 400, ""),
        (("a", "b"), ("c",), 400, ""),
    ],
)
async def test_a_moderation_without_a_model_has_the_one_that_is_meant(
    tmp_path: Path, names: tuple[str, ...], models: tuple[str, ...], status: int, meant: str
) -> None:
    grants: tuple[Grant, ...] = (grant(models=models),)
    async with upstream(act=moderates) as one:
        told = snapshot(*deployed(one, *names), grants=grants)
        async with gate(tmp_path, told) as running:
            got = await running.http.post("/v1/moderations", json={"input": "Be nice."}, headers=AUTH)

    assert got.status_code == status
    if meant:
        assert got.json()["model"] == meant
    else:
        assert got.json()["error"]["param"] == "model"
        assert not any(name in got.json()["error"]["message"] for name in ("'a'", "'b'"))


@pytest.mark.parametrize(
    ("asked", "special"),
    [
        ({"prompt": "x", "add_special_tokens": False}, False),
        ({"prompt": "x", "add_special_tokens": True}, True),
        ({"content": "x", "add_special": True}, True),
        ({"content": "x"}, None),
        ({"messages": [{"role": "user", "content": "x"}]}, True),
        ({"messages": [{"role": "user", "content": "x"}], "add_special_tokens": False}, False),
    ],
)
async def test_tokens_that_begin_a_text_are_added_as_was_asked(
    tmp_path: Path, asked: dict[str, Any], special: object
) -> None:
    async def act(seen: Seen, send: Send) -> None:
        said = {"prompt": "x"} if seen.path == "/apply-template" else {"tokens": [{"id": 5, "piece": "x"}]}
        await reply(send, 200, said)

    async with upstream(act=act) as one, gate(tmp_path, snapshot(*deployed(one, "tiny"))) as running:
        body = {"model": "tiny", "return_token_strs": True, "of_tomorrow": 1, **asked}
        got = await running.http.post("/tokenize", json=body, headers=AUTH)

    told = one.seen[-1].json
    assert (told.get("add_special"), told.get("add_special_tokens")) == (special, special)
    assert (got.json()["tokens"], got.json()["token_strs"], got.json()["count"]) == ([5], ["x"], 1)
    assert got.headers["x-tulou-dropped"].startswith("of_tomorrow")
