"""Two attempts, of which one is taken: nothing of the other stays, whoever leaves meanwhile."""

import asyncio
from typing import cast

import pytest

from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer
from tulou.services.gateway.stack.hedge import hedged

FIRST, SECOND = cast("Backend", "first"), cast("Backend", "second")


class Answered:
    """An answer that knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Attempts:
    """The first never answers, and takes a moment to end, or `stubborn` answers all the same; the second answers."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.ending, self.end = asyncio.Event(), asyncio.Event()
        self.answers = {FIRST: Answered(), SECOND: Answered()}
        self._stubborn = stubborn

    async def __call__(self, backend: Backend) -> Answer:
        if backend is FIRST:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.ending.set()
                await self.end.wait()
                if not self._stubborn:
                    raise
        return cast("Answer", self.answers[backend])


async def test_an_answer_that_comes_second_all_the_same_is_closed() -> None:
    attempts = Attempts(stubborn=True)
    attempts.end.set()

    got = await hedged(attempts, FIRST, lambda: SECOND, after_s=0.0)

    assert cast("object", got) is attempts.answers[SECOND]
    await asyncio.sleep(0)
    assert (attempts.answers[FIRST].closed, attempts.answers[SECOND].closed) == (True, False)


@pytest.mark.parametrize("stubborn", [False, True])
async def test_who_leaves_while_the_loser_ends_leaves_no_answer_open(*, stubborn: bool) -> None:
    attempts = Attempts(stubborn=stubborn)
    asking = asyncio.ensure_future(hedged(attempts, FIRST, lambda: SECOND, after_s=0.0))
    await attempts.ending.wait()
    asking.cancel()
    await asyncio.wait([asking])
    attempts.end.set()
    for _ in range(3):
        await asyncio.sleep(0)

    assert asking.cancelled()
    assert attempts.answers[SECOND].closed
    assert attempts.answers[FIRST].closed is stubborn
