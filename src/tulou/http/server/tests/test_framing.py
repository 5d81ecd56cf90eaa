"""Where requests end: whatever two servers could read differently is refused, however it is cut into pieces."""

import pytest

from tulou.http.server.tests.corpus import CLOSED, OPEN, Case, read
from tulou.http.server.tests.framing import comes_of, echo, outcome, pieces
from tulou.http.server.tests.wire import wire

CASES = read()
SHORT = 5_000
"""Longer ones are not cut into single bytes: it takes long, and there is nothing in them but more of the same."""


@pytest.mark.parametrize("size", [100_000, 1])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_each_request_has_its_own_bytes_however_they_come(case: Case, size: int) -> None:
    if len(case.data) > SHORT:
        size = 100_000
    assert list(case.comes) == await comes_of(pieces(case.data, size))


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.refused], ids=lambda case: case.name)
async def test_what_is_refused_is_answered_once_and_takes_little_memory(case: Case) -> None:
    async with wire(echo) as line:
        await line.feed(pieces(case.data, 500))
        await line.settle()
        assert outcome(line)[-1] == CLOSED
        assert [status for status in line.statuses if status not in {100, 200}] == [int(case.comes[-2])]
        assert int(case.comes[-2]) in {400, 405, 413, 431, 505}
        assert line.most < 256 * 1024


def test_the_corpus_is_large_and_says_what_comes_of_each() -> None:
    assert len(CASES) >= 350
    assert {case.comes[-1] for case in CASES.values()} == {OPEN, CLOSED}
    assert sum(case.refused for case in CASES.values()) >= 150
