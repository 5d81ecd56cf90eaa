"""Whatever comes, cut anywhere: a connection keeps little, and says the same."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.http.server.guard import GuardLimits
from tulou.http.server.tests.corpus import read
from tulou.http.server.tests.framing import echo, outcome
from tulou.http.server.tests.wire import wire

HEAD_BYTES = 2048
MOST = 128 * 1024
"""For a cap of heads of 2 KiB: fixed costs of a request and its task, a read, and what waits behind it."""

fragments = st.sampled_from(
    [
        *(case.data for case in read().values() if len(case.data) <= HEAD_BYTES),
        *(b"GET / HTTP/1.1\r\n", b"host: x\r\n", b"\r\n", b"\r", b"\n", b": ", b"a" * 3000, b"0\r\n", b"3\r\nabc\r\n"),
        *(b"transfer-encoding: chunked\r\n", b"content-length: 5\r\n", b"connection: close\r\n", b"upgrade: h2c\r\n"),
    ]
)
streams = st.lists(fragments | st.binary(max_size=40), max_size=8).map(b"".join)
cuts = st.lists(st.integers(min_value=0, max_value=8000), max_size=12)


async def said(data: bytes, places: list[int]) -> list[str]:
    """Return what the application answers to these bytes, cut at these places, and whether the connection goes on.

    Which of several faults a request is refused for depends on what comes first.
    """
    edges = sorted({0, len(data), *(place for place in places if place < len(data))})
    async with wire(echo, GuardLimits(head_bytes=HEAD_BYTES)) as line:
        await line.feed(data[start:end] for start, end in pairwise(edges))
        await line.settle()
        assert line.most < MOST + len(data)
        return [one for one in outcome(line) if not one.isdigit()]


@settings(deadline=None, max_examples=200)
@given(data=streams, places=cuts)
async def test_any_bytes_are_answered_alike_however_they_are_cut(data: bytes, places: list[int]) -> None:
    assert await said(data, places) == await said(data, [])
