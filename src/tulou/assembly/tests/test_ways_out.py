"""One setting says through which proxy the house asks outside."""

import pytest

from tulou.assembly.environment import surroundings
from tulou.kernel.errors import InvalidError

PROXY = "http://proxy.example:3128"
QUOTED = "proxy=http%3A%2F%2Fproxy.example%3A3128"
HOUSE = {"TULOU_HOUSE__PROXY": PROXY, "TULOU_HOUSE__NO_PROXY": '[".inside.example"]'}


@pytest.mark.parametrize(
    ("port", "url", "found"),
    [
        ("blobs", "s3://models/x", f"s3://models/x?{QUOTED}"),
        ("blobs", "s3://models?endpoint=https://s3.example", f"s3://models?endpoint=https://s3.example&{QUOTED}"),
        ("blobs", "s3://models?endpoint=http://127.0.0.1:9000", "s3://models?endpoint=http://127.0.0.1:9000"),
        ("blobs", "s3://models?proxy=", "s3://models?proxy="),
        ("blobs", "file:///data", "file:///data"),
        ("master_key", "https://vault.example/transit/t", f"https://vault.example/transit/t?{QUOTED}"),
        ("master_key", "https://vault.inside.example/transit/t", "https://vault.inside.example/transit/t"),
        ("master_key", "env://KEY", "env://KEY"),
        ("database", "postgresql://me@db.example/tulou", "postgresql://me@db.example/tulou"),
        ("cache", "redis://cache.example", "redis://cache.example"),
    ],
)
def test_what_is_reached_by_http_is_reached_through_the_proxy(port: str, url: str, found: str) -> None:
    around = surroundings({**HOUSE, f"TULOU_PORTS__{port.upper()}": url})
    assert around.url_of(port) == found
    assert around.place("control", "token").blobs == around.url_of("blobs")


def test_without_the_setting_urls_are_as_they_are() -> None:
    assert surroundings({"TULOU_PORTS__BLOBS": "s3://models"}).url_of("blobs") == "s3://models"


def test_a_proxy_that_is_none_is_told_at_the_start() -> None:
    with pytest.raises(InvalidError, match=r"\[house\] proxy is no address"):
        _ = surroundings({"TULOU_HOUSE__PROXY": "proxy.example:3128"}).egress
