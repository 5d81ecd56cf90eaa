"""Addresses are checked where they come in, and no message repeats who asks."""

import pytest

from tulou.kernel.addresses import http_address, without_userinfo
from tulou.kernel.errors import InvalidError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:pw@host:4000/v1", "http://host:4000/v1"),
        ("http://user@host", "http://host"),
        ("https://:pw@host", "https://host"),
        ("http://user:p@w@host", "http://host"),
        ("http://user:p/w@host", "http://host"),
        ("http://user:p?w#x@host/a", "http://host/a"),
        ("redis://:pw@host:6379/0", "redis://host:6379/0"),
        ("no answer from http://user:pw@host (refused)", "no answer from http://host (refused)"),
        ("['http://a:b@h/v1', 'http://c:d@i/v1']", "['http://h/v1', 'http://i/v1']"),
        ("http://host:4000/v1", "http://host:4000/v1"),
        ("http://host:4000/claude@2025", "http://host:4000/claude@2025"),
        ("http://host/claude@2025", "http://host/claude@2025"),
        ("ann@example.org", "ann@example.org"),
    ],
)
def test_a_message_repeats_an_address_without_who_asks(text: str, shown: str) -> None:
    assert without_userinfo(text) == shown


@pytest.mark.parametrize(
    ("part", "end", "shown"),
    [
        *(("://a:", " @", None), ("://a/", "@", None), ("@a:", "", None), ("://a:1/", "@", None)),
        *(("://a:", "@h", "://h"), ("://a:b@", "h", "://h"), ("@://", "", "@" + "://" * 200_000)),
    ],
)
def test_a_long_text_that_is_made_to_be_slow_to_search_is_not(part: str, end: str, shown: str | None) -> None:
    """It would take hours, if each beginning were searched to the end of the text."""
    text = part * 200_000 + end
    assert without_userinfo(text) == (text if shown is None else shown)


def test_a_password_of_any_length_is_not_repeated() -> None:
    assert without_userinfo(f"http://user:{'p/w@' * 100_000}host/a") == "http://host/a"


@pytest.mark.parametrize(
    "text", ["http://host", "https://user:pw@host:1/x/", "http://[::1]:80", "http://bücher.example"]
)
def test_an_address_of_http_is_taken_without_the_slash_at_its_end(text: str) -> None:
    assert http_address(text, name="--url") == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        *("", "host:80", "user:pw@host:80", "ftp://user:pw@host", "http://", "http://[pw", "http://host:99999"),
        *("http://user:p/w@host", "http://user:pw@host:port", "http://user:pw@host\0", "http://user:pw @host"),
    ],
)
def test_what_is_no_address_of_http_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidError, match=r"^--url is no address of HTTP; write http://HOST:PORT") as caught:
        http_address(text, name="--url")
    assert "pw" not in str(caught.value)
