"""One setting says through which proxy the house asks outside."""

import pytest

from tulou.assembly.environment import surroundings
from tulou.kernel.errors import InvalidError

PROXY = "http://proxy.example:3128"
QUOTED = "proxy=http%3A%2F%2Fproxy.example%3A3128"
EXCLUDED = "no_proxy=.inside.example"
HOUSE = {"TULOU_HOUSE__PROXY": PROXY, "TULOU_HOUSE__NO_PROXY": '[".inside.example"]'}


@pytest.mark.parametrize(
    ("port", "url", "found"),
    [
        ("blobs", "s3://models/x", f"s3://models/x?{QUOTED}&{EXCLUDED}"),
        (
            "blobs",
            "s3://models?endpoint=https://s3.example",
            f"s3://models?endpoint=https://s3.example&{QUOTED}&{EXCLUDED}",
        ),
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


@pytest.mark.parametrize("entry", ["*", "*.inside.example", "10.0.0.0/99"])
def test_what_can_never_be_a_way_past_the_proxy_is_told_at_the_start(entry: str) -> None:
    with pytest.raises(InvalidError, match="no_proxy"):
        _ = surroundings({"TULOU_HOUSE__PROXY": PROXY, "TULOU_HOUSE__NO_PROXY": f'["{entry}"]'}).egress


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1", "0.0.0.0", "::ffff:127.0.0.1", "::ffff:10.1.2.3"])  # noqa: S104 # asked for
def test_this_machine_and_networks_are_known_in_every_form(host: str) -> None:
    around = surroundings({"TULOU_HOUSE__PROXY": PROXY, "TULOU_HOUSE__NO_PROXY": '["10.0.0.0/8"]'})
    assert around.egress.proxy_for(host) == ""
