"""Events are cut and read as the HTML standard says, whichever shortcut was taken."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tulou.services.gateway.dialects.sse import payload, split_events

PIECES = (b"data:", b"data: ", b"x", b"\n", b"\r\n", b"\r", b"event: a", b" ", b"{}", b":", b"\n\n")
STREAMS = st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)


@given(STREAMS)
def test_the_data_of_an_event_is_all_its_lines_of_data(event: bytes) -> None:
    lines = [line[5:].strip() for line in event.splitlines() if line.startswith(b"data:")]
    assert payload(event) == b"\n".join(lines)


@given(STREAMS)
def test_events_end_with_an_empty_line_and_nothing_of_them_is_lost(data: bytes) -> None:
    events = split_events(data)
    assert b"".join(events) == data
    assert all(re.search(rb"\r?\n\r?\n\Z", event) for event in events[:-1])
    assert all(len(re.findall(rb"\r?\n\r?\n", event)) == 1 for event in events[:-1])
