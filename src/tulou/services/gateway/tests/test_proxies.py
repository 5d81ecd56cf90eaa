"""Whom the gate takes for its client when there are proxies in front of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from tulou.http.server.server import serving
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.http.proxies import Proxies
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.gate import gate, snapshot
from tulou.services.gateway.tests.test_console import Control

LAN = ("127.0.0.1", "10.0.0.0/8", "2001:db8::/32")


class Gate:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        self.scope = scope


async def seen(peer: str, *said: str, proto: Sequence[str] = (), known: Sequence[str] = LAN) -> tuple[str, str]:
    """Return the client and the scheme that a gate sees."""
    inner = Gate()
    headers = [(b"x-forwarded-for", text.encode()) for text in said]
    headers += [(b"x-forwarded-proto", text.encode()) for text in proto]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}

    async def nothing() -> dict[str, object]:
        return {}

    async def nowhere(message: object) -> None:
        del message

    await Proxies(inner, known)(scope, nothing, nowhere)
    return inner.scope["client"][0], inner.scope["scheme"]


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("127.0.0.1", ("192.0.2.7",), "192.0.2.7"),
        ("::ffff:127.0.0.1", ("192.0.2.7",), "192.0.2.7"),
        ("127.0.0.1", ("198.51.100.9, 192.0.2.7",), "192.0.2.7"),
        ("127.0.0.1", ("198.51.100.9", "192.0.2.7, 10.1.1.1"), "192.0.2.7"),
        ("2001:db8::1", ("2001:470::7",), "2001:470::7"),
        ("127.0.0.1", ("10.1.1.1",), "127.0.0.1"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("127.0.0.1", ("192.0.2.7, unknown",), "127.0.0.1"),
        ("198.51.100.1", ("192.0.2.7",), "198.51.100.1"),
    ],
)
async def test_a_client_is_the_last_address_that_is_no_proxy_of_ours(
    peer: str, said: tuple[str, ...], client: str
) -> None:
    assert (await seen(peer, *said))[0] == client


async def test_a_scheme_is_taken_from_a_proxy_of_ours_alone() -> None:
    assert (await seen("127.0.0.1", proto=("https",)))[1] == "https"
    assert (await seen("127.0.0.1", proto=("https, http",)))[1] == "http"
    assert (await seen("127.0.0.1", proto=("javascript",)))[1] == "http"
    assert (await seen("198.51.100.1", proto=("https",)))[1] == "http"


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(InvalidError, match=r"\[gateway\] proxies: 'nginx'"):
        Proxies(Gate(), ["nginx"])


@pytest.mark.parametrize(("proxies", "client", "scheme"), [((), "127.0.0.1", "http"), (LAN, "192.0.2.7", "https")])
async def test_control_is_told_of_the_client_and_not_of_the_proxy(
    tmp_path: Path, proxies: tuple[str, ...], client: str, scheme: str
) -> None:
    settings = GatewaySettings(proxies=proxies)
    async with (
        serving(Control().app) as control,
        gate(tmp_path, snapshot(), control_url=control, settings=settings) as gateway,
    ):
        headers = {"x-forwarded-for": "10.9.9.9, 192.0.2.7", "x-forwarded-proto": "https"}
        told = (await gateway.http.get("/api/v1/echo", headers=headers)).json()["headers"]
        assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == (client, scheme)
