"""Work in a thread is waited for to its end wherever a bound holds for it, also by who was cancelled."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from tulou.adapters.gguf.threads import finished
from tulou.chassis import threads
from tulou.engines.onnx import threads as onnx
from tulou.engines.openvino import threads as openvino
from tulou.testing.eventually import eventually

Runs = Callable[[Callable[[], int]], Awaitable[int]]
KINDS: list[Runs] = [threads.to_its_end, onnx.to_its_end, openvino.to_its_end, finished]


@pytest.fixture(params=KINDS, ids=["chassis", "onnx", "openvino", "gguf"])
def to_its_end(request: pytest.FixtureRequest) -> Runs:
    return request.param


async def test_what_the_thread_returns_is_returned_and_what_it_raises_is_raised(to_its_end: Runs) -> None:
    def fails() -> int:
        raise ZeroDivisionError

    assert await to_its_end(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await to_its_end(fails)


@pytest.mark.parametrize("kind", KINDS[:3])
async def test_what_was_worked_on_is_let_go_of_with_the_error_that_came_of_it(kind: Runs) -> None:
    class Large:
        def work(self) -> int:
            raise ZeroDivisionError

    large = Large()
    gone = weakref.ref(large)
    gc.disable()
    try:
        with suppress(ZeroDivisionError):
            await kind(large.work)
        del large
        await eventually(lambda: gone() is None)
    finally:
        gc.enable()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("fails", [False, True])
async def test_who_is_cancelled_leaves_when_the_thread_has_ended(to_its_end: Runs, times: int, *, fails: bool) -> None:
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> int:
        began.set()
        go_on.wait(60)
        ended.set()
        return 1 // (not fails)

    async def leaves() -> bool:
        with suppress(asyncio.CancelledError):
            await to_its_end(work)
        return ended.is_set()

    leaving = asyncio.create_task(leaves())
    await eventually(began.is_set)
    for _ in range(times):
        leaving.cancel()
        for _ in range(5):  # turns of the loop, in which the cancellation arrives
            await asyncio.sleep(0)
        assert not leaving.done()
    go_on.set()
    assert await leaving
