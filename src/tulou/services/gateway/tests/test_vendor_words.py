"""What a vendor says of a failure reaches the client: message and code, bounded, and no credential in them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.types import Send

from tulou.contracts.discovery.messages import ReplicaCredential
from tulou.contracts.routing.messages import Endpoint, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.tests.clients import ASKS, STATUS_ERRORS, STREAM_ERRORS
from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.test_dialects import BOTH, CLIENT, UPSTREAM, told_of
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, begin_stream, chunk, reply, upstream
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor

KEY = "sk-vendor-0123456789abcdef"
WITH_KEY: dict[str, Any] = {"credentials": (ReplicaCredential(id="a", headers=(("authorization", f"Bearer {KEY}"),)),)}


def says(status: int, message: str, code: str) -> Act:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, status, {"error": {"message": message, "code": code, "type": "server_error"}})

    return act


def told(*replicas: Upstream, spare: Upstream | None = None) -> Snapshot:
    targets = [target(*(one.replica(provider="vendor") for one in replicas))]
    targets += [target(spare.replica("spare", provider="vendor"), deployment="spare")] if spare is not None else []
    route = Route(
        model="tiny",
        shares=(TrafficShare(deployment="tiny"),),
        fallbacks=("spare",) if spare is not None else (),
        retry=RetryPolicy(attempts=2, backoff_s=0.01),
    )
    return snapshot(*targets, routes=(route,))


@CLIENT
@UPSTREAM
@BOTH
async def test_a_client_of_any_dialect_reads_the_words_of_a_5xx(
    tmp_path: Path, client: Endpoint, dialect: Any, *, stream: bool
) -> None:
    speech = SPEECHES[dialect]
    async with vendor(speech, "v1", speech.refuses(503)) as one, gate(tmp_path, told_of(one, speech)) as running:
        with pytest.raises((*STATUS_ERRORS, *STREAM_ERRORS), match="no, not this"):
            await ASKS[client](running.url, stream=stream)


async def test_after_fail_over_the_last_attempts_words_are_told(tmp_path: Path) -> None:
    async with (
        upstream("one", says(500, "first", "a")) as one,
        upstream("two", says(503, "is being loaded", "l")) as two,
        gate(tmp_path, told(one, spare=two)) as running,
    ):
        error = (await running.chat()).json()["error"]

    assert "is being loaded (l)" in error["message"]
    assert error["upstream"] == {"status": 503, "code": "l", "message": "is being loaded"}
    assert error["attempts"][0]["said"] == "first (a)"


async def test_a_limit_is_told_in_the_vendors_words(tmp_path: Path) -> None:
    async with upstream(act=says(429, "60 requests a minute", "rpm")) as one, gate(tmp_path, told(one)) as running:
        got = await running.chat()

    assert got.status_code == 429
    assert "60 requests a minute (rpm)" in got.json()["error"]["message"]


async def test_words_without_end_are_cut(tmp_path: Path) -> None:
    async with upstream(act=says(400, "x" * 200_000, "c")) as bad, gate(tmp_path, told(bad)) as running:
        assert len((await running.chat()).content) < 5000
    async with upstream(act=says(503, "x" * 200_000, "c" * 9000)) as bad, gate(tmp_path / "b", told(bad)) as running:
        assert len((await running.chat()).content) < 5000


async def whole_error(seen: Seen, send: Send) -> None:
    await reply(send, 200, {"error": {"message": f"shown {seen.headers[b'authorization'].decode()}", "code": "odd"}})


async def broken_stream(seen: Seen, send: Send) -> None:
    await begin_stream(send)
    error = {"error": {"message": f"shown {seen.headers[b'authorization'].decode()}", "code": "odd"}}
    body = chunk("hel") + b"data: " + msgspec.json.encode(error) + b"\n\n"
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("client", ASKS)
@BOTH
async def test_a_credential_that_a_vendor_repeats_is_not_told(
    tmp_path: Path, client: Endpoint, status: int, *, stream: bool
) -> None:
    async def act(seen: Seen, send: Send) -> None:
        await reply(send, status, {"error": {"message": f"you sent {seen.headers[b'authorization'].decode()}"}})

    async with upstream(act=act) as one:
        replica = one.replica(**WITH_KEY, provider="vendor")
        told = replace(snapshot(target(replica, endpoints=("chat", "responses", "messages"))))
        async with gate(tmp_path, told) as running:
            with pytest.raises((*STATUS_ERRORS, *STREAM_ERRORS)) as caught:
                await ASKS[client](running.url, stream=stream)

    assert KEY not in str(caught.value)
    assert "you sent" in str(caught.value)


@pytest.mark.parametrize(("act", "stream"), [(whole_error, False), (whole_error, True), (broken_stream, True)])
@pytest.mark.parametrize("endpoint", ["chat", "responses", "messages"])
async def test_a_credential_within_an_answer_is_not_told(
    tmp_path: Path, endpoint: Endpoint, act: Act, *, stream: bool
) -> None:
    async with upstream(act=act) as one:
        replica = one.replica(**WITH_KEY, provider="vendor")
        told = snapshot(target(replica, endpoints=("chat", "responses", "messages")))
        async with gate(tmp_path, told) as running:
            with pytest.raises((*STATUS_ERRORS, *STREAM_ERRORS, AssertionError, RuntimeError)) as caught:
                await ASKS[endpoint](running.url, stream=stream)

    assert KEY not in str(caught.value)
