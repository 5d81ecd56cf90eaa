"""The gate over real sockets: requests that go well."""

import gc
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Send

from tulou.chassis.http.exchange import Exchange
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.tests.gate import AUTH, gate, question, snapshot, target
from tulou.services.gateway.tests.upstream import WHOLE, Act, Seen, answer, reply, upstream
from tulou.testing.eventually import eventually


async def test_a_chat_is_answered_by_the_replica_of_its_model(tmp_path: Path) -> None:
    async with upstream() as replica, gate(tmp_path, snapshot(target(replica.replica()))) as gateway:
        answer = await gateway.chat()
        assert answer.status_code == 200
        assert answer.json() == WHOLE
        assert answer.headers["x-tulou-replica"] == "r1"
        assert answer.headers["x-tulou-model"] == "tiny"
        assert float(answer.headers["x-tulou-overhead-ms"]) < 1000
        assert answer.headers["x-request-id"].startswith("req_")


async def test_a_stream_is_passed_on_event_by_event_and_its_usage_counted(tmp_path: Path) -> None:
    async with upstream() as replica, gate(tmp_path, snapshot(target(replica.replica()))) as gateway:
        answer = await gateway.chat(stream=True)
        assert answer.headers["content-type"] == "text/event-stream"
        assert [event for event in answer.text.split("\n\n") if event][-1] == "data: [DONE]"
        assert "usage" not in answer.text
        assert replica.seen[0].json["stream_options"] == {"include_usage": True}
        written = {"tenant": "default", "model": "tiny", "direction": "output"}
        await eventually(lambda: gateway.value("tulou_gateway_tokens_total", **written) == 3)


async def test_usage_that_the_client_asked_for_stays_in_its_stream(tmp_path: Path) -> None:
    async with upstream() as replica, gate(tmp_path, snapshot(target(replica.replica()))) as gateway:
        answer = await gateway.chat(stream=True, stream_options={"include_usage": True})
        assert '"total_tokens":10' in answer.text


async def test_the_clients_key_stays_here_and_the_replicas_credential_goes_along(tmp_path: Path) -> None:
    headers = (("authorization", "Bearer engine-secret"),)
    async with upstream() as replica, gate(tmp_path, snapshot(target(replica.replica(headers=headers)))) as gateway:
        await gateway.http.post(
            "/openai/v1/chat/completions", json=question(), headers={**AUTH, "x-request-id": "mine-1", "te": "trailers"}
        )
        sent = replica.seen[0].headers
        assert sent[b"authorization"] == b"Bearer engine-secret"
        assert sent[b"x-request-id"] == b"mine-1"
        assert b"te" not in sent


async def refuse(seen: Seen, send: Send) -> None:
    del seen
    await reply(send, 500, {})


@pytest.mark.parametrize(
    ("act", "asked", "status"),
    [
        (answer, {}, 200),
        (answer, {"stream": True}, 200),
        (answer, {"model": "none"}, 404),
        (refuse, {}, 502),
    ],
)
async def test_what_a_request_needed_goes_with_it_and_waits_for_no_collector(
    tmp_path: Path, act: Act, asked: dict[str, Any], status: int
) -> None:
    kinds = Call | Record | Exchange | Exception

    def left() -> int:
        return sum(issubclass(type(one), kinds) for one in gc.get_objects())  # to ask an object itself may wake it

    async with upstream(act=act) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        gc.collect()
        gc.disable()
        before = left()
        try:
            assert (await gateway.chat(**asked)).status_code == status
            await eventually(lambda: left() <= before)
        finally:
            gc.enable()
