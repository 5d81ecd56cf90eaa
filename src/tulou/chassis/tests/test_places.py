"""One tenant has so many requests of the administration in work, and the others do not wait for it."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from tulou.chassis.rest.places import RequestSlotsMiddleware, take_place
from tulou.kernel.errors import LimitedError, UnavailableError


class Work:
    """An application that works until it is told to answer, and then streams until it is told to end."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.answer = asyncio.Event()
        self.end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        await take_place(Request(scope), scope["tenant"])
        self.inside.append(scope["tenant"])
        await self.answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.end.wait()
        await send({"type": "http.response.body", "body": b""})

    def finish(self) -> None:
        self.answer.set()
        self.end.set()


async def _nothing() -> Message:
    raise AssertionError


async def _taken(message: Message) -> None:
    del message


async def _ask(places: RequestSlotsMiddleware, tenant: str) -> None:
    await places(
        {"type": "http", "method": "GET", "path": "/api/v1/x", "headers": [], "tenant": tenant}, _nothing, _taken
    )


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_others_find_places_where_one_tenant_has_all_of_its_own() -> None:
    work = Work()
    places = RequestSlotsMiddleware(work, each=2)
    async with asyncio.TaskGroup() as group:
        for tenant in ("red", "red", "red", "red", "blue"):
            group.create_task(_ask(places, tenant))
        await _settled()
        assert work.inside == ["red", "red", "blue"]

        work.answer.set()
        await _settled()
        assert sorted(work.inside) == ["blue", "red", "red", "red", "red"], "a place is free when the answer begins"
        work.end.set()


async def test_who_finds_too_many_waiting_is_told_so() -> None:
    work = Work()
    places = RequestSlotsMiddleware(work, each=1, waiting=1)
    asked = [asyncio.create_task(_ask(places, "red")) for _ in range(2)]
    await _settled()

    with pytest.raises(LimitedError, match="1 requests of tenant 'red' are in work and 1 wait"):
        await _ask(places, "red")
    work.finish()
    await asyncio.gather(*asked)


async def test_nobody_waits_for_ever() -> None:
    work = Work()
    places = RequestSlotsMiddleware(work, each=1, wait_s=0.0)
    first = asyncio.create_task(_ask(places, "red"))
    await _settled()

    with pytest.raises(UnavailableError, match="behind others"):
        await _ask(places, "red")
    work.finish()
    await first
    await _ask(places, "red")


async def test_who_leaves_while_it_waits_takes_no_place() -> None:
    work = Work()
    places = RequestSlotsMiddleware(work, each=1)
    first, gone = (asyncio.create_task(_ask(places, "red")) for _ in range(2))
    await _settled()
    gone.cancel()
    await _settled()
    work.finish()
    await first

    await _ask(places, "red")

    assert work.inside == ["red", "red"]
