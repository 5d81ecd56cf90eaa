"""The order of the stages, and the places of those to come."""

import asyncio
from collections.abc import Sequence
from importlib.metadata import EntryPoint

import pytest

from tulou.contracts.routing.messages import Route
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call, Stage
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.hedge import hedged
from tulou.services.gateway.stack.order import (
    BUILDERS,
    LOWER,
    ORDER,
    PLUGINS,
    UPPER,
    Blueprint,
    Builder,
    compose,
    load_plugins,
    plugins_of,
)
from tulou.services.gateway.tests.builders import Fake, answer, answered_by, backend, call

PLAN = Blueprint(
    site=None,  # pyright: ignore[reportArgumentType] - no stage is built that needs it
    route=Route(model="tiny", shares=()),
    endpoint="chat",
    pools=(),
)


class Marked:
    """A plugin's stage that writes down when it is passed."""

    def __init__(self, inner: Stage, name: str, passed: list[str]) -> None:
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

    added = {name: (builder(name),) for name in plugins}
    await compose(PLAN, places, Fake(), added)(call())
    return passed


async def test_stages_are_passed_in_the_one_order_whatever_adds_them() -> None:
    assert await climbed(ORDER[1:5], ["cache", "policy", "experiment", "quota"]) == [
        "policy", "quota", "cache", "experiment"
    ]  # fmt: skip


async def test_several_at_a_place_stand_in_the_order_of_their_names_the_first_outermost() -> None:
    passed.clear()
    here = "tulou.services.gateway.tests.test_order"
    names = ("cache.b", "policy", "cache.a", "cache.c")
    found = plugins_of(EntryPoint(name, f"{here}:marked_{number}", PLUGINS) for number, name in enumerate(names))
    await compose(PLAN, ORDER[1:5], Fake(), found)(call())
    assert [names[int(number)] for number in passed] == ["policy", "cache.a", "cache.b", "cache.c"]


passed: list[str] = []


def _marking(name: str) -> Builder:
    return lambda _plan, inner: Marked(inner, name, passed)


marked_0, marked_1, marked_2, marked_3 = map(_marking, "0123")


@pytest.mark.parametrize("name", ["nowhere", "nowhere.a", ".cache", ""])
def test_a_stage_at_a_place_that_there_is_not_is_refused_with_the_places_there_are(name: str) -> None:
    with pytest.raises(InvalidError, match="there are admission, policy"):
        plugins_of([EntryPoint(name, "somewhere:build", PLUGINS)])


@pytest.mark.parametrize("value", ["no_such_package:build", "tulou.services.gateway.tests.test_order:missing"])
def test_a_stage_that_cannot_be_loaded_is_refused_by_its_name(value: str) -> None:
    with pytest.raises(InvalidError, match=r"cache\.mine = .* cannot be loaded"):
        plugins_of([EntryPoint("cache.mine", value, PLUGINS)])


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
    assert answered_by(got) == "second"


async def test_of_two_answers_at_the_same_time_one_is_closed() -> None:
    closed: list[str] = []

    class Closing(Answer):
        def close(self) -> None:
            closed.append(answered_by(self))

    both = asyncio.Barrier(2)

    async def attempt(one: Backend) -> Answer:
        await both.wait()
        return Closing(200, [], b"", one)

    got = await hedged(attempt, backend("first"), lambda: backend("second"), after_s=0)
    assert {answered_by(got), *closed} == {"first", "second"}
    assert len(closed) == 1


async def test_a_hedge_tells_the_failure_when_both_fail() -> None:
    async def attempt(one: Backend) -> Answer:
        raise AttemptFailedError("lost", one.replica.id)

    with pytest.raises(AttemptFailedError, match="second"):
        await hedged(attempt, backend("first"), lambda: backend("second"), after_s=60)
