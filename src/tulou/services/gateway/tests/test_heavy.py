"""What is long to compute of a large request is done beside the loop, by turns; what comes of it is the same."""

import asyncio
import threading
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.types import Send

from tulou.services.gateway.refusals import TenantShareError
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.heavy import LARGE_BYTES, Heavy
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.test_books import on_disk
from tulou.services.gateway.tests.upstream import Seen, upstream
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.testing.eventually import eventually

MANY = 5_000


def call(tenant: str, size: int = LARGE_BYTES) -> Call:
    return cast("Call", SimpleNamespace(grant=SimpleNamespace(tenant=tenant), body=b"x" * size))


class Work:
    """Goes on until it is told to end; notes the order in which it was begun, and how much of it was done at once."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.began: list[str] = []
        self.at_once = self.most = 0

    def __call__(self, name: str) -> int:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.began.append(name)
        self.go_on.wait(60)
        self.at_once -= 1
        return threading.get_ident()


async def test_a_small_request_is_read_at_once_and_a_large_one_beside_the_loop() -> None:
    heavy, here = Heavy(), threading.get_ident()
    assert await heavy.do(call("red", LARGE_BYTES - 1), threading.get_ident) == here
    assert await heavy.do(call("red"), threading.get_ident) != here


async def test_one_thing_is_done_at_a_time_and_tenants_take_turns() -> None:
    heavy, work = Heavy(wait_s=60), Work()
    asked = ("red", "red", "red", "blue")
    doing = [asyncio.create_task(heavy.do(call(name), partial(work, name))) for name in asked]
    await eventually(lambda: work.began == ["red"])
    work.go_on.set()
    await asyncio.gather(*doing)
    assert work.began[:2] == ["red", "blue"], "the second of a tenant comes after the first of another"
    assert (work.most, len(work.began)) == (1, 4)


async def test_who_finds_no_turn_in_time_is_told_so_and_others_go_on() -> None:
    heavy, work = Heavy(wait_s=0.1), Work()
    doing = asyncio.create_task(heavy.do(call("red"), partial(work, "red")))
    await eventually(lambda: work.began == ["red"])
    for tenant in ("red", "blue"):
        with pytest.raises(TenantShareError, match="take their turns"):
            await heavy.do(call(tenant), partial(work, tenant))
    work.go_on.set()
    await doing
    await heavy.do(call("blue"), partial(work, "blue"))
    assert work.began == ["red", "blue"]


async def test_who_leaves_takes_the_turn_until_the_work_has_ended() -> None:
    heavy, work = Heavy(wait_s=60), Work()
    doing = asyncio.create_task(heavy.do(call("red"), partial(work, "red")))
    await eventually(lambda: work.began == ["red"])
    doing.cancel()
    after = asyncio.create_task(heavy.do(call("blue"), partial(work, "blue")))
    for _ in range(5):  # turns of the loop, in which the cancellation arrives
        await asyncio.sleep(0)
    assert work.began == ["red"]
    work.go_on.set()
    await after
    assert (work.most, doing.cancelled()) == (1, True)


def turns(count: int, **last: Any) -> list[dict[str, Any]]:
    return [*({"role": "user", "content": f"turn {number}"} for number in range(count - 1)), {"role": "user", **last}]


async def counted(running: RunningGate, **changes: Any) -> dict[str, Any]:
    asked = {"model": "tiny", "messages": turns(MANY, content="end"), **changes}
    return (await running.http.post("/v1/messages/count_tokens", json=asked, headers=AUTH)).json()


async def test_thousands_of_messages_are_counted_and_what_is_wrong_among_them_is_named(tmp_path: Path) -> None:
    async with upstream() as one:
        far = one.replica(provider="vendor", dialect="gemini")
        async with gate(tmp_path, snapshot(target(far, endpoints=("chat", "messages", "count_tokens")))) as running:
            words = sum(len(turn["content"]) for turn in turns(MANY, content="end"))
            assert await counted(running) == {"input_tokens": -(-words // 4)}
            wrong = await counted(running, messages=turns(MANY, content=7))
            assert wrong["error"]["type"] == "invalid_request_error"
            assert f"messages[{MANY - 1}].content" in wrong["error"]["message"]


async def test_thousands_of_messages_are_told_to_a_vendor_of_another_dialect(tmp_path: Path) -> None:
    speech = SPEECHES["anthropic"]
    async with (
        vendor(speech, "far") as one,
        gate(tmp_path, snapshot(target(one.replica(dialect="anthropic")))) as gateway,
    ):
        got = await gateway.chat(messages=turns(MANY, content="end"))
        assert got.status_code == 200
        assert len(str(one.seen[0].json["messages"])) > LARGE_BYTES


async def test_thousands_of_messages_that_nobody_read_are_estimated_by_their_bytes(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def hang(seen: Seen, send: Send) -> None:
        del seen, send
        asked.set()
        await asyncio.Event().wait()

    messages = turns(MANY, content="end")
    async with upstream(act=hang) as one, gate(tmp_path, snapshot(target(one.replica(provider="vendor")))) as running:
        asking = asyncio.create_task(running.chat(messages=messages))
        await asked.wait()
        asking.cancel()
        await eventually(lambda: bool(on_disk(running)))
        (entry,) = on_disk(running)
    words = sum(len(turn["content"]) for turn in messages)
    assert entry.counted == "estimate"
    assert words / 4 / 2 < entry.units.input <= words / 4 + MANY
