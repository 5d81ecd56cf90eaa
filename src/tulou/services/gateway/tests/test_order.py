"""The order of the stages, and the places of those to come."""

import asyncio
from collections.abc import Sequence

import pytest

from tulou.contracts.routing.messages import Route
from tulou.services.gateway.refusals import OverloadedError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call, Completions
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.hedge import hedged
from tulou.services.gateway.stack.order import BUILDERS, LOWER, ORDER, UPPER, Blueprint, Builder, compose, load_plugins
from tulou.services.gateway.tests.builders import Fake, answer, backend, call
from tulou.services.gateway.turnstile import Turnstile

PLAN = Blueprint(
    site=None,  # pyright: ignore[reportArgumentType] - no stage is built that needs it
    route=Route(model="tiny", shares=()),
    endpoint="chat",
    pools=(),
)


class Marked:
    """A plugin's stage that writes down when it is passed."""

    def __init__(self, inner: Completions, name: str, passed: list[str]) -> None:
        self._inner = inner
        self._name = name
        self._passed = passed

    async def __call__(self, call: Call) -> Answer:
        self._passed.append(self._name)
        return await self._inner(call)


async def climbed(places: Sequence[str], plugins: Sequence[str]) -> list[str]:
    passed: list[str] = []

    def builder(name: str) -> Builder:
        return lambda _plan, inner: Marked(inner, name, passed)

    added = {name: builder(name) for name in plugins}
    await compose(PLAN, places, Fake(), added)(call())
    return passed


async def test_stages_are_passed_in_the_one_order_whatever_adds_them() -> None:
    assert await climbed(ORDER[1:5], ["cache", "policy", "experiment", "quota"]) == [
        "policy", "quota", "cache", "experiment"
    ]  # fmt: skip


async def test_a_place_that_nobody_uses_costs_nothing() -> None:
    inner = Fake()
    assert compose(PLAN, ("policy", "quota", "cache", "experiment"), inner, {}) is inner


def test_the_order_is_whole_and_every_builder_has_a_place_in_it() -> None:
    assert (*UPPER, *LOWER) == ORDER
    assert set(BUILDERS) <= set(ORDER)
    assert load_plugins() == {}


async def test_a_hedge_starts_at_once_when_the_first_fails() -> None:
    async def attempt(one: Backend) -> Answer:
        if one.replica.id == "first":
            raise AttemptFailedError("lost", "gone")
        return answer(one.replica.id)

    got = await hedged(attempt, backend("first"), lambda: backend("second"), after_s=60)
    assert got.backend.replica.id == "second"


async def test_of_two_answers_at_the_same_time_one_is_closed() -> None:
    closed: list[str] = []

    class Closing(Answer):
        def close(self) -> None:
            closed.append(self.backend.replica.id)

    both = asyncio.Barrier(2)

    async def attempt(one: Backend) -> Answer:
        await both.wait()
        return Closing(200, [], b"", one)

    got = await hedged(attempt, backend("first"), lambda: backend("second"), after_s=0)
    assert {got.backend.replica.id, *closed} == {"first", "second"}
    assert len(closed) == 1


async def test_a_hedge_tells_the_failure_when_both_fail() -> None:
    async def attempt(one: Backend) -> Answer:
        raise AttemptFailedError("lost", one.replica.id)

    with pytest.raises(AttemptFailedError, match="second"):
        await hedged(attempt, backend("first"), lambda: backend("second"), after_s=60)


async def test_the_turnstile_hands_a_place_to_the_next_in_line() -> None:
    turnstile = Turnstile(in_flight=1, queue=2, queue_s=5, bodies_bytes=10)
    assert turnstile.try_enter()
    assert not turnstile.try_enter()
    first, second = asyncio.create_task(turnstile.wait()), asyncio.create_task(turnstile.wait())
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError, match="2 wait"):
        await turnstile.wait()
    turnstile.leave()
    await first
    assert not second.done()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert (turnstile.inside, turnstile.queued) == (1, 0)


async def test_a_place_given_to_one_who_left_is_not_lost() -> None:
    turnstile = Turnstile(in_flight=1, queue=2, queue_s=5, bodies_bytes=10)
    assert turnstile.try_enter()
    waiting = asyncio.create_task(turnstile.wait())
    await asyncio.sleep(0)
    turnstile.leave()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert turnstile.inside == 0
    assert turnstile.try_enter()


async def test_batches_have_their_turn_after_all_others() -> None:
    turnstile = Turnstile(in_flight=1, queue=3, queue_s=5, bodies_bytes=10)
    assert turnstile.try_enter()
    batch = asyncio.create_task(turnstile.wait(batch=True))
    await asyncio.sleep(0)
    person = asyncio.create_task(turnstile.wait())
    await asyncio.sleep(0)
    turnstile.leave()
    await person
    assert not batch.done()
    turnstile.leave()
    await batch
    assert (turnstile.inside, turnstile.queued) == (1, 0)
