"""Streams that end without a word why: those that begin an answer and never finish it are errors."""

import asyncio
from pathlib import Path

import pytest
from starlette.types import Send

from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, begin_stream, chunk, upstream, usage_chunk
from tulou.testing.eventually import eventually

FINISHED = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (b"", 502),
        (b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": null}]}\n\n', 502),
        (FINISHED, 200),
        (FINISHED + usage_chunk(), 200),
        (FINISHED[:-1], 200),
        (b"data: [DONE]\n\n", 200),
    ],
)
async def test_a_stream_that_only_ends_is_an_error(tmp_path: Path, last: bytes, status: int) -> None:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await begin_stream(send)
        await send({"type": "http.response.body", "body": chunk("hel"), "more_body": True})
        await send({"type": "http.response.body", "body": last})

    async with upstream(act=act) as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        got = await running.chat(stream=True)
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()

    assert entry.status == status
    assert (b"event: error" in got.content) is (status == 502)
    assert b"hel" in got.content


async def test_a_text_that_says_done_ends_no_stream(tmp_path: Path) -> None:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await begin_stream(send)
        for body in (chunk("[DONE]"), chunk(" and more"), FINISHED, usage_chunk()):
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async with upstream(act=act) as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        got = await running.chat(stream=True)
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()

    assert b" and more" in got.content
    assert got.content.endswith(b"data: [DONE]\n\n")
    assert (entry.status, entry.counted) == (200, "reported")
