"""Where requests end, our server reads as h11 and nginx do, or it refuses; whatever comes, it keeps its footing.

`TULOU_FUZZ_S` says for how many seconds bytes are made up, 20 unless it does; each number makes the same bytes.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.guards.wire.judges import Nginx, Verdict, h11_reads, nginx
from tests.guards.wire.mutation import cut, mutated
from tests.guards.wire.ours import Ours, we_read
from tulou.http.server.guard import GuardLimits
from tulou.http.server.tests.corpus import Case, read

CASES = read()
FUZZ_S = float(os.environ.get("TULOU_FUZZ_S", "20"))
FIRST = int(os.environ.get("TULOU_FUZZ_FIRST", "1"))
ROUND = 500
GROWTH = 2_000
"""Blocks of memory that caches of the interpreter may take after the first rounds."""

TOLERATED = {
    "a length with white space": "nginx takes no tab around a value, which RFC 9110 (5.5) allows",
    "blank lines between": "h11 takes no line end between requests, which RFC 9112 (2.2) lets a server pass over",
    "blank lines first": "the same",
    "lf lines first": "the same",
    "many blank lines first": "the same",
    "length leading zeros": "h11 caps the digits of a length; zeros change none",
    "chunk size of zeros": "h11 caps the digits of a size; zeros change none",
    "request line two spaces": "h11 takes one; RFC 9112 (3) lets a server take white space as one",
    "target dots": "nginx resolves paths for its files; ours have a meaning only to the application",
    "target dots encoded": "the same",
    "target encoded nul": "the same",
    "target encoded half": "the same",
    "target encoded wrong": "the same",
    "asterisk of OPTIONS": "nginx serves no such request; RFC 9112 (3.2.4) has it",
    "host empty": "nginx wants a name; RFC 9112 (3.2) has an empty one",
    "host of spaces": "the same",
    "method TRACE": "nginx serves no TRACE; the application says what it serves",
    "expectation twice": "nginx wants one; two of the same ask for the same",
}
"""Cases that we serve and another refuses, and why: none is read as other requests than anybody reads."""


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncGenerator[Nginx]:
    async with nginx(tmp_path) as running:
        yield running


def agrees(ours: Verdict, theirs: Verdict) -> bool:
    """Say whether we read the first of the requests that they read, or those and stop earlier."""
    return ours.requests == theirs.requests[: len(ours.requests)]


def wrongly(case: Case, ours: Verdict, theirs: Verdict) -> bool:
    """Say whether we read something else, or take what they refuse without a reason that is written down."""
    if case.name in TOLERATED and theirs.refused:
        return theirs.requests != ours.requests[: len(theirs.requests)]
    return not agrees(ours, theirs)


async def test_nothing_is_read_otherwise_than_h11_and_nginx_read_it(proxy: Nginx) -> None:
    wrong: dict[str, Any] = {}
    looser: set[str] = set()
    for name, case in CASES.items():
        ours = (await we_read([case.data])).verdict
        for judge, theirs in (("h11", h11_reads(case.data)), ("nginx", await proxy.reads(case.data))):
            if wrongly(case, ours, theirs):
                wrong[f"{judge}: {name}"] = (ours, theirs)
            if not agrees(ours, theirs):
                looser.add(name)
    assert wrong == {}
    assert looser <= TOLERATED.keys()  # what nginx takes differs a little by its version


async def test_judges_read_what_is_sound(proxy: Nginx) -> None:
    for name in ("a length", "chunks", "chunk request in data", "two pipelined"):
        ours = (await we_read([CASES[name].data])).verdict
        assert len(ours.requests) == 2 or name == "two pipelined"
        assert ours == h11_reads(CASES[name].data)
        assert ours.requests == (await proxy.reads(CASES[name].data)).requests


def judged(ours: Ours, theirs: Verdict) -> str:
    """Return what is wrong with what came of some bytes."""
    read_, served = ours.verdict.requests, ours.statuses.count(200)
    if any(status != 200 for status in ours.statuses[:-1]):
        return "an answer follows a refusal"
    if ours.verdict.refused and (not ours.closed or ours.statuses[-1] not in {400, 405, 413, 431, 505}):
        return "refused in a way that is none"
    if served != len(read_):
        return f"{served} answers to {len(read_)} requests"
    common = min(len(read_), len(theirs.requests))
    if read_[:common] != theirs.requests[:common] or (len(read_) > common and not theirs.refused):
        return "h11 reads other requests"
    return ""


@pytest.mark.timeout(FUZZ_S * 6 + 300)
async def test_whatever_bytes_come_are_answered_once_each_and_leave_nothing_behind() -> None:
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(str(context)))
    cases = [case.data for case in CASES.values()]
    limits = GuardLimits(head_bytes=8 * 1024)
    number, until, blocks = FIRST, time.monotonic() + FUZZ_S, list[int]()
    while time.monotonic() < until or len(blocks) < 4:
        with capture_logs() as logs:
            for _ in range(ROUND):
                data = mutated(cases, number)
                ours = await we_read(cut(data, number), limits)
                found = judged(ours, h11_reads(data))
                assert not found, f"TULOU_FUZZ_FIRST={number}: {found}: {data!r}: {ours}"
                assert not faults, f"TULOU_FUZZ_FIRST={number}: {faults}: {data!r}"
                number += 1
        assert not [log for log in logs if log["log_level"] == "error"], f"before TULOU_FUZZ_FIRST={number}: {logs}"
        del logs
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < GROWTH, blocks
