"""The gate over real sockets: whose fault a 5xx is, and what becomes of the others."""

from pathlib import Path
from typing import Any

import pytest
from starlette.types import Send

from tulou.contracts.routing.messages import Endpoint, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, grant, question, snapshot, target
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, answer, reply, upstream

BLUE = {"authorization": "Bearer sk-blue"}
DATA = "data:image/png;base64,iVBORw0KGgo="
PICTURE = {"type": "image_url", "image_url": {"url": DATA}}
SOUND = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
ENDPOINTS: tuple[Endpoint, ...] = ("chat", "messages", "responses", "count_tokens")


def told_of(*replicas: Upstream, fallbacks: tuple[str, ...] = (), **changes: Any) -> Snapshot:
    return snapshot(
        target(*(one.replica(**changes) for one in replicas), endpoints=ENDPOINTS),
        routes=(
            Route(
                model="tiny",
                shares=(TrafficShare(deployment="tiny"),),
                fallbacks=fallbacks,
                retry=RetryPolicy(backoff_s=0.01),
                balance="round_robin",
            ),
        ),
        grants=(grant(), grant("sk-blue", key="key_2", tenant="blue", principal="bob")),
    )


def poisoned(status: int, fault: dict[str, Any]) -> Act:
    """Fail for what holds the word `poison`, and answer all else."""

    async def act(seen: Seen, send: Send) -> None:
        if b"poison" in seen.body:
            await reply(send, status, {"error": fault})
        else:
            await answer(seen, send)

    return act


async def poison(gateway: RunningGate, **changes: Any) -> Any:
    return await gateway.chat(messages=[{"role": "user", "content": "poison"}], **changes)


async def blue(gateway: RunningGate) -> int:
    return (await gateway.http.post("/v1/chat/completions", json=question(), headers=BLUE)).status_code


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "words",
    [
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        "[json.exception.type_error.302] type must be string, but is null",
        "Failed to parse messages: unexpected role",
    ],
)
async def test_what_llama_cpp_cannot_take_is_refused_to_its_sender_in_its_words(
    tmp_path: Path, words: str, *, stream: bool
) -> None:
    act = poisoned(500, {"code": 500, "message": words, "type": "server_error"})
    async with upstream("one", act) as one, gate(tmp_path, told_of(one)) as gateway:
        for _ in range(12):
            got = await poison(gateway, stream=stream)
            error = got.json()["error"]
            assert (got.status_code, error["message"], error["type"]) == (400, words, "invalid_request_error")
        assert len(one.seen) == 12, "another try would bring it again"
        assert [await blue(gateway) for _ in range(3)] == [200, 200, 200]


async def test_what_breaks_inside_of_llama_cpp_is_no_fault_of_the_request(tmp_path: Path) -> None:
    act = poisoned(500, {"code": 500, "message": "Compute error.", "type": "server_error"})
    async with (
        upstream("bad", act) as bad,
        upstream("good") as good,
        gate(tmp_path, told_of(bad, good)) as gateway,
    ):
        assert [(await poison(gateway)).status_code for _ in range(4)] == [200] * 4


async def test_one_tenants_failing_requests_take_no_model_from_another(tmp_path: Path) -> None:
    act = poisoned(500, {"message": "internal", "type": "api_error"})
    async with upstream("one", act) as one, gate(tmp_path, told_of(one, provider="vendor")) as gateway:
        for _ in range(30):
            got = await poison(gateway)
            assert got.status_code == 502
            assert "internal" in got.json()["error"]["message"]
            assert await blue(gateway) == 200


async def test_a_failure_that_a_second_replica_gives_in_the_same_words_is_the_requests(tmp_path: Path) -> None:
    act = poisoned(500, {"message": "cannot do this", "type": "api_error"})
    async with (
        upstream("one", act) as one,
        upstream("two", act) as two,
        upstream("three", act) as three,
        gate(tmp_path, told_of(one, two, three, provider="vendor")) as gateway,
    ):
        got = await poison(gateway)
        assert got.status_code == 502
        assert "cannot do this" in got.json()["error"]["message"]
        assert len(got.json()["error"]["attempts"]) == 2
        assert len(one.seen) + len(two.seen) + len(three.seen) == 2


async def test_a_request_that_has_taken_two_replicas_down_is_shown_to_no_third(tmp_path: Path) -> None:
    async def crash(seen: Seen, send: Send) -> None:
        if b"poison" in seen.body:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            raise ConnectionError("killed")
        await answer(seen, send)

    async with (
        upstream("one", crash) as one,
        upstream("two", crash) as two,
        upstream("three", crash) as three,
        upstream("spare", crash) as spare,
    ):
        told = told_of(one, two, three, fallbacks=("spare",))
        told = snapshot(*told.targets, target(spare.replica("spare"), deployment="spare"), routes=told.routes)
        async with gate(tmp_path, told) as gateway:
            got = await poison(gateway)
            assert (got.status_code, got.json()["error"]["code"]) == (502, "replica_crashed")
            assert got.headers["x-should-retry"] == "false"
            assert len(one.seen) + len(two.seen) + len(three.seen) + len(spare.seen) == 2


ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"messages": [{"role": "user", "content": [PICTURE]}]}),
    "sound": ("/v1/chat/completions", {"messages": [{"role": "user", "content": [SOUND]}]}),
    "responses": (
        "/v1/responses",
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": DATA}]}]},
    ),
    "messages": (
        "/v1/messages",
        {
            "max_tokens": 9,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "image",
                            "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
                        }
                    ],
                }
            ],
        },
    ),
    "messages, in a tool's result": (
        "/v1/messages",
        {
            "max_tokens": 9,
            "messages": [
                {"role": "user", "content": "look"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]},
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "a",
                            "content": [{"type": "image", "source": {"type": "url", "url": "https://x.example/y.png"}}],
                        }
                    ],
                },
            ],
        },
    ),
    "messages, a document": (
        "/v1/messages",
        {
            "max_tokens": 9,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "document",
                            "source": {"type": "base64", "media_type": "application/pdf", "data": "iVBORw0KGgo="},
                        }
                    ],
                }
            ],
        },
    ),
    "responses, a file": (
        "/v1/responses",
        {"input": [{"role": "user", "content": [{"type": "input_file", "filename": "a.pdf", "file_data": DATA}]}]},
    ),
    "chat, a file": (
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": [{"type": "file", "file": {"filename": "a", "file_data": DATA}}]}]},
    ),
}


async def test_a_picture_whose_type_is_escaped_is_one(tmp_path: Path) -> None:
    url = DATA.replace("/", "\\/")
    body = (
        '{"model": "tiny", "messages": [{"role": "user", "content": '
        '[{"type": "\\u0069mage_url", "\\u0069mage_url": {"url": "' + url + '"}}]}]}'
    )
    async with upstream("one") as one, gate(tmp_path, told_of(one, modalities=("text",))) as gateway:
        got = await gateway.http.post("/v1/chat/completions", content=body, headers=AUTH)
        assert (got.status_code, one.seen) == (400, [])
        assert "reads text alone and no pictures" in got.json()["error"]["message"]


@pytest.mark.parametrize("asked", ASKED)
async def test_a_picture_for_a_text_model_is_refused_to_its_sender_alone(tmp_path: Path, asked: str) -> None:
    path, body = ASKED[asked]
    async with upstream("one") as one, gate(tmp_path, told_of(one, modalities=("text",))) as gateway:
        for _ in range(12):
            got = await gateway.http.post(path, json={"model": "tiny", **body}, headers=AUTH)
            assert got.status_code == 400
            assert "reads text alone" in got.json()["error"]["message"]
        assert one.seen == []
        assert await blue(gateway) == 200


async def test_words_about_pictures_are_no_picture(tmp_path: Path) -> None:
    words = 'what does {"type": "image_url"} mean?'
    async with upstream("one") as one, gate(tmp_path, told_of(one, modalities=("text",))) as gateway:
        assert (await gateway.chat(messages=[{"role": "user", "content": words}])).status_code == 200
        tool = {"type": "function", "function": {"name": "image", "parameters": {"image": {"type": "string"}}}}
        assert (await gateway.chat(tools=[tool])).status_code == 200
