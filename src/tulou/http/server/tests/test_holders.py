"""Connections and unread answers are shared out: by address until somebody is known, then by owner."""

import asyncio
from typing import cast

import pytest
from starlette.types import Receive, Scope, Send

from tulou.http.server.descriptors import MOST, connections_within, descriptors, raise_descriptors
from tulou.http.server.guard import GuardLimits
from tulou.http.server.holders import Holders, heaviest
from tulou.http.server.owned import claim
from tulou.http.server.server import serving
from tulou.http.server.tests.test_endless import GET
from tulou.http.server.tests.test_server import connect, hello, say
from tulou.kernel.errors import LimitedError
from tulou.testing.eventually import eventually

HALF = GuardLimits(connections=4, share=0.5)


def test_one_address_holds_half_of_the_connections() -> None:
    holders = Holders(HALF)
    assert [holders.arrive("10.0.0.1") for _ in range(2)] == ["10.0.0.1", "10.0.0.1"]
    with pytest.raises(LimitedError, match="holds 2 of the 2"):
        holders.arrive("10.0.0.1")
    assert holders.arrive("10.0.0.2") == "10.0.0.2"
    holders.leave("10.0.0.1", "")
    assert holders.arrive("10.0.0.1") == "10.0.0.1"


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:2"), ("::ffff:10.0.0.1", "10.0.0.1")],
    ids=["one network of IPv6", "IPv4 in IPv6"],
)
def test_other_spellings_of_a_client_are_the_same_client(one: str, other: str) -> None:
    holders = Holders(HALF)
    assert holders.arrive(one) == holders.arrive(other)


def test_a_proxy_is_many_clients_and_a_socket_in_a_folder_has_no_address() -> None:
    holders = Holders(GuardLimits(connections=2, share=0.5, trusted=("10.0.0.0/8",)))
    assert [holders.arrive(host) for host in ("10.0.0.1", "10.0.0.1", "", "")] == ["", "", "", ""]


def test_an_owner_holds_half_from_any_number_of_addresses() -> None:
    holders = Holders(HALF)
    holders.own("", "red")
    holders.own("", "red")
    with pytest.raises(LimitedError):
        holders.own("", "red")
    holders.own("red", "blue")
    holders.own("", "red")
    holders.leave("", "blue")
    holders.own("", "blue")
    holders.own("", "blue")


@pytest.mark.parametrize(
    ("unread", "cap", "gone"),
    [
        ([("red", 10), ("blue", 20)], 30, []),
        ([("red", 10), ("red", 11), ("blue", 20)], 40, [1]),
        ([("red", 10), ("red", 11), ("red", 9), ("blue", 20)], 30, [1, 3]),
        ([("red", 100)], 30, [0]),
        ([], 30, []),
    ],
)
def test_who_has_most_unread_is_cut_first(unread: list[tuple[str, int]], cap: int, gone: list[int]) -> None:
    assert heaviest(unread, cap) == gone


async def test_an_address_with_too_many_connections_is_told_so() -> None:
    async with serving(hello, limits=HALF) as url:
        lines = [await connect(url) for _ in range(2)]
        answer = await say(url)
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: 1\r\n" in answer
        assert b"close some" in answer
        for _, writer in lines:
            writer.close()

        async def answered() -> bool:
            return b"hello" in await say(url, GET.replace(b"host: x", b"host: x\r\nconnection: close"))

        await eventually(answered)


async def test_a_connection_that_an_owner_may_not_hold_closes_after_its_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            claim(scope, "red")
        except LimitedError as error:
            await send({"type": "http.response.start", "status": error.status, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await hello(scope, receive, send)

    async with serving(app, limits=GuardLimits(connections=8, share=0.25, trusted=("127.0.0.1",))) as url:
        held = [await connect(url) for _ in range(2)]
        for reader, writer in held:
            for _ in range(2):
                writer.write(GET)
                await reader.readuntil(b"hello")
        answer = await say(url, GET)
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"connection: close" in answer
        for _, writer in held:
            writer.close()


async def test_answers_that_nobody_reads_have_a_cap_together() -> None:
    broken = 0

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal broken
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            await send({"type": "http.response.body", "body": b"x" * 30_000_000, "more_body": True})
            await send({"type": "http.response.body", "body": b"x"})
        finally:
            broken += 1

    async with serving(large, limits=GuardLimits(unread_bytes=40_000_000)) as url:
        lines = [await connect(url) for _ in range(2)]
        for _, writer in lines:
            cast("asyncio.Transport", writer.transport).pause_reading()
            writer.write(GET)
        await eventually(lambda: broken == 1)
        for _, writer in lines:
            writer.transport.abort()


def test_connections_leave_descriptors_for_what_they_lead_to() -> None:
    assert connections_within(65_536, 8192) == 8192
    assert connections_within(1024, 8192) == 619
    assert connections_within(256, 8192) == 107
    assert connections_within(1024, 100) == 100


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    before = descriptors()
    assert before <= raise_descriptors() == descriptors() <= max(before, MOST)
