"""Deadlines of a connection, with a clock that only these tests move."""

import asyncio
from dataclasses import replace

import pytest
from starlette.types import Receive, Scope, Send

from tulou.http import server
from tulou.http.server.guard import GuardLimits
from tulou.http.server.patience import Patience
from tulou.http.server.tests.test_endless import GET, never, reading, streaming
from tulou.http.server.tests.wire import Wire, wire

LIMITS = GuardLimits(head_s=10, body_s=20, stall_s=60, idle_s=75, rate=1000)
UPLOAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n"


def look(line: Wire, *, until: float, since: float = 0.0) -> str:
    """Look every half second, as the server does; return the first deadline that is missed."""
    begun = asyncio.get_running_loop().time()
    return next(
        (which for n in range(int(since * 2), int(until * 2)) if (which := line.inbound.overdue(begun + n / 2))), ""
    )


async def flooding(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
        await asyncio.sleep(0)


@pytest.mark.parametrize("app", [reading, never, streaming])
async def test_a_body_that_came_fast_and_stops_is_overdue_soon(app: object) -> None:
    async with wire(app, LIMITS) as line:  # pyright: ignore[reportArgumentType] - an application
        await line.feed([UPLOAD, b"b" * 50_000])
        await line.feed([b"b" * 10_000])
        assert look(line, until=20) == ""
        assert look(line, since=20, until=22) == "body"


async def test_a_body_at_the_rate_is_never_overdue_and_one_below_it_is() -> None:
    async with wire(reading, LIMITS) as line:
        await line.feed([UPLOAD])
        for second in range(100):
            await line.feed([b"b" * 1000])
            assert look(line, since=second, until=second + 1) == ""
        missed = ""
        for second in range(100, 130):
            await line.feed([b"b"])
            missed = missed or look(line, since=second, until=second + 1)
        assert missed == "body"


async def test_a_body_that_we_do_not_take_is_not_its_senders_fault() -> None:
    async with wire(streaming, LIMITS) as line:
        await line.feed([UPLOAD, b"b" * 200_000])
        assert line.transport.paused
        assert look(line, until=100) == ""


@pytest.mark.parametrize("request_", [GET, UPLOAD + b"b" * 200_000])
async def test_an_answer_that_nobody_takes_is_overdue_in_every_phase(request_: bytes) -> None:
    async with wire(flooding, LIMITS) as line:
        await line.feed([request_])
        line.transport.unread = 100_000
        line.inbound.pause_writing()
        assert look(line, until=60) == ""
        assert look(line, since=60, until=62) == "answer"


async def test_a_large_answer_that_is_taken_slowly_is_given_its_time() -> None:
    async with wire(flooding, LIMITS) as line:
        await line.feed([GET])
        line.transport.unread = 1_000_000
        line.inbound.pause_writing()
        for second in range(200):
            line.transport.unread -= 1000
            assert look(line, since=second, until=second + 1) == ""
        assert look(line, since=200, until=300) == "answer"


async def test_a_connection_that_cannot_be_closed_since_nobody_reads_is_cut() -> None:
    async with wire(reading, LIMITS) as line:
        await line.feed([b"NONSENSE\r\n\r\n"])
        assert line.transport.closing
        assert look(line, until=60) == ""
        assert look(line, since=60, until=62) == "answer"


async def test_an_application_that_is_silent_is_given_up_and_its_client_told() -> None:
    async with wire(never, replace(LIMITS, handler_s=300)) as line:
        await line.feed([GET])
        (task,) = line.reception.tasks
        assert look(line, until=300) == ""
        assert look(line, since=300, until=302) == "handler"
        line.inbound.expire("handler")
        await line.settle()
        assert line.statuses == [504]
        assert line.transport.closing
        assert task.cancelled()


async def test_an_application_that_takes_no_more_of_a_body_is_silent_too() -> None:
    async with wire(streaming, replace(LIMITS, handler_s=300)) as line:
        await line.feed([UPLOAD, b"b" * 200_000])
        assert look(line, until=300) == ""
        assert look(line, since=300, until=302) == "handler"
        line.inbound.expire("handler")
        assert line.statuses == [200]
        assert line.transport.closing


async def test_an_application_that_now_and_then_writes_is_given_its_time() -> None:
    more = asyncio.Event()

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while await more.wait():
            more.clear()
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async with wire(slowly, replace(LIMITS, handler_s=300)) as line:
        await line.feed([GET])
        for minute in range(60):
            assert look(line, since=60 * minute, until=60 * (minute + 1)) == ""
            if minute % 4 == 0:
                more.set()
                await line.settle()
        assert look(line, since=3600, until=3900) == "handler"


async def test_requests_of_one_connection_are_not_taken_for_one_that_lasts() -> None:
    more = asyncio.Event()

    async def when_told(scope: Scope, receive: Receive, send: Send) -> None:
        await more.wait()
        await reading(scope, receive, send)

    async with wire(when_told, replace(LIMITS, handler_s=300)) as line:
        for minute in range(20):
            more.clear()
            await line.feed([GET])
            assert look(line, since=60 * minute, until=60 * (minute + 1)) == ""
            more.set()
            await line.settle()
        assert len(line.statuses) == 20


async def test_a_connection_that_is_old_ends_with_the_request_that_it_is_at() -> None:
    more = asyncio.Event()

    async def when_told(scope: Scope, receive: Receive, send: Send) -> None:
        await more.wait()
        await reading(scope, receive, send)

    async with wire(when_told, replace(LIMITS, connection_s=1000)) as line:
        begun = asyncio.get_running_loop().time()
        await line.feed([GET])
        assert not line.inbound.aged(begun + 990)
        assert line.inbound.aged(begun + 1010)
        line.inbound.shutdown()
        assert not line.inbound.aged(begun + 1020)
        more.set()
        await line.settle()
        assert b"connection: close" in line.transport.written
        assert line.statuses == [200]
        assert line.transport.closing


async def test_a_head_and_an_idle_connection_have_their_time() -> None:
    async with wire(reading, LIMITS) as line:
        assert look(line, until=10) == ""
        await line.feed([GET[:-2]])
        assert look(line, since=10, until=12) == "head"
        await line.feed([GET[-2:]])
        await line.settle()
        assert look(line, until=75) == ""
        assert look(line, since=75, until=77) == "idle"
        line.inbound.expire("idle")
        assert line.statuses == [200]


def test_every_bound_is_in_the_packages_table() -> None:
    table = server.__doc__ or ""
    assert [name for name in GuardLimits.__dataclass_fields__ if f"`{name}`" not in table] == []


def test_patience_comes_back_with_what_moves_but_never_more_than_the_whole() -> None:
    patience = Patience()
    assert not patience.over(0, 0, whole_s=10, rate=100)
    assert not patience.over(9, 0, whole_s=10, rate=100)
    assert not patience.over(9.5, 900, whole_s=10, rate=100)
    assert not patience.over(18, 900, whole_s=10, rate=100)
    assert patience.over(20, 900, whole_s=10, rate=100)
    patience.reset()
    assert not patience.over(30, 900, whole_s=10, rate=100)
    assert not patience.over(39, 1_000_000, whole_s=10, rate=100)
    assert patience.over(50, 1_000_000, whole_s=10, rate=100)
