"""When a vendor says to come back: in which header, which format and which words it ever does."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.chassis.http.exchange import Exchange
from tulou.kernel.numbers import WAIT_MOST_S
from tulou.services.gateway.stack.waits import wait_asked, wait_in, wait_of
from tulou.services.gateway.stack.words import read_words
from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.upstream import Act, reply, upstream

NOW = 1_800_000_000.0


class Said:
    """As much of an exchange as the reader looks at."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.status = status
        self._headers = {name.encode(): value.encode() for name, value in headers.items()}

    def header(self, name: bytes) -> bytes:
        return self._headers.get(name, b"")


def asked(headers: Mapping[str, str], said_s: float | None = None, status: int = 429) -> float | None:
    return wait_asked(cast("Exchange", Said(status, headers)), said_s, now=NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("1.5", 1.5),
        ("20ms", 0.02),
        ("7.66s", 7.66),
        ("6m0s", 360.0),
        ("1m30s", 90.0),
        ("1h2m3.5s", 3723.5),
        ("17s", 17.0),
        (str(int(NOW) + 40), 40.0),
        (str((int(NOW) + 40) * 1000), 40.0),
        (datetime.fromtimestamp(NOW + 25, UTC).isoformat(), 25.0),
        (datetime.fromtimestamp(NOW + 25, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), 25.0),
        (format_datetime(datetime.fromtimestamp(NOW + 25, UTC), usegmt=True), 25.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("999999999", WAIT_MOST_S),
    ],
)
def test_a_wait_is_read_in_every_format_that_vendors_write(text: str, seconds: float) -> None:
    assert wait_of(text, now=NOW) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "1x", "s", "1m30", "2015-99-99", "1" * 80, "--1", "\x00"])
def test_what_is_no_wait_is_none(text: str) -> None:
    assert wait_of(text, now=NOW) is None


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Rate limit reached for gpt-4o. Limit 30000, Used 29000. Please try again in 20s. Visit https://x.y", 20.0),
        ("Please try again in 1m30s.", 90.0),
        ("Please try again in 345ms.", 0.345),
        ("Rate limit reached. Please try again in 7.66s. Need more tokens?", 7.66),
        ("Please retry in 35.123456789s.", 35.123456789),
        ("Requests have exceeded the rate limit. Please retry after 6 seconds.", 6.0),
        ("slow down; wait 2 minutes", 120.0),
        ("Try again in 1 hour", 3600.0),
        ("the model is loading, try again in 500 milliseconds", 0.5),
    ],
)
def test_a_wait_is_read_out_of_the_words_of_a_message(message: str, seconds: float) -> None:
    assert wait_in(message) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "message", ["", "try again later", "you used 20s of audio", "error 30 at line 5", "retry-after"]
)
def test_words_that_ask_for_no_wait_are_none(message: str) -> None:
    assert wait_in(message) is None


@settings(max_examples=300)
@given(st.text(max_size=100))
def test_whatever_is_written_is_a_bounded_wait_or_none(text: str) -> None:
    for wait in (wait_of(text, now=NOW), wait_in(text), wait_in(f"try again in {text}")):
        assert wait is None or 0.0 <= wait <= WAIT_MOST_S


@settings(max_examples=200)
@given(st.integers(0, 20), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_a_duration_as_go_writes_it_is_its_sum(hours: int, minutes: int, seconds: int, millis: int) -> None:
    text = f"{hours}h{minutes}m{seconds}.{millis:03d}s"
    whole = hours * 3600 + minutes * 60 + seconds + millis / 1000
    assert wait_of(text, now=NOW) == pytest.approx(min(whole, WAIT_MOST_S))
    assert wait_in(f"Please try again in {text}.") == pytest.approx(min(whole, WAIT_MOST_S))


def test_the_plainest_word_holds_and_what_cannot_be_read_gives_way_to_the_next() -> None:
    assert asked({"retry-after-ms": "250", "retry-after": "30"}, 9.0) == 0.25
    assert asked({"retry-after-ms": "soon", "retry-after": "30"}, 9.0) == 30.0
    assert asked({"retry-after": "soon"}, 9.0) == 9.0
    assert asked({"x-ratelimit-reset-requests": "1m"}, 9.0) == 9.0
    assert asked({}) is None


def test_of_the_limits_that_are_used_up_the_last_to_begin_anew_is_waited_for() -> None:
    headers = {
        "x-ratelimit-reset-requests": "1m30s",
        "x-ratelimit-remaining-requests": "12",
        "x-ratelimit-reset-tokens": "6m0s",
        "x-ratelimit-remaining-tokens": "0",
    }
    assert asked(headers) == 360.0
    assert asked(headers | {"x-ratelimit-remaining-tokens": "5"}) == 90.0
    at = datetime.fromtimestamp(NOW + 11, UTC).isoformat()
    assert asked({"anthropic-ratelimit-requests-reset": at, "anthropic-ratelimit-requests-remaining": "0"}) == 11.0
    assert asked({"x-ratelimit-reset": str(int((NOW + 8) * 1000)), "x-ratelimit-remaining": "0"}) == 8.0


def test_limits_that_are_told_with_another_error_ask_for_no_wait() -> None:
    headers = {"x-ratelimit-reset-requests": "1m30s", "x-ratelimit-remaining-requests": "0"}
    assert asked(headers, status=503) is None


@pytest.mark.parametrize("delay", ["17s", {"seconds": 17}, {"seconds": "17", "nanos": 5}])
def test_gemini_s_retry_info_is_read_in_both_of_its_shapes(delay: object) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
    body = msgspec.json.encode({"error": {"code": 429, "message": "quota", "details": details}})
    assert read_words(body).retry_after_s == 17.0


def limited(body: dict[str, Any], *headers: tuple[bytes, bytes]) -> Act:
    async def act(seen: object, send: Any) -> None:
        del seen
        await reply(send, 429, body, *headers)

    return act


@pytest.mark.parametrize(
    ("act", "after"),
    [
        (limited({"error": {"message": "Please try again in 41s."}}), 41),
        (limited({"error": {"message": "no"}}, (b"x-ratelimit-reset-tokens", b"1m30s")), 90),
        (limited({"error": {"message": "no"}}, (b"retry-after-ms", b"7500")), 8),
        (limited({"message": "Too many requests, retry after 12 seconds"}), 12),
    ],
)
async def test_the_client_is_told_the_vendor_s_time_wherever_it_stood(tmp_path: Path, act: Act, after: int) -> None:
    async with upstream(act=act) as one:
        replica = one.replica(provider="vendor")
        async with gate(tmp_path, snapshot(target(replica))) as running:
            got = await running.chat()
    assert got.status_code == 429
    assert after - 2 <= int(got.headers["retry-after"]) <= after
