"""Whoever is asked outside is asked through the proxy of the settings, and nobody else is."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tulou.adapters.http.openid import open_openid_providers
from tulou.adapters.http.outgoing import outgoing_client
from tulou.adapters.http.token_endpoint import open_token_endpoint
from tulou.http.server.server import serving
from tulou.kernel.egress import Egress
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.testing.servers.forward_proxy import forward_proxy


async def echo(request: Request) -> JSONResponse:
    return JSONResponse({"path": request.url.path, "sent": (await request.body()).decode()})


APP = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])


async def test_openid_providers_and_token_endpoints_are_asked_through_the_proxy() -> None:
    async with serving(APP) as url, forward_proxy(url) as proxy:
        egress = Egress(proxy.url)
        async with open_openid_providers(egress) as providers, open_token_endpoint(egress) as tokens:
            found = await providers.document("http://idp.example/.well-known/openid-configuration", timeout_s=5)
            assert found["path"] == "/.well-known/openid-configuration"
            answer = await providers.exchange("http://idp.example/token", {"code": "c"}, basic=None, timeout_s=5)
            assert answer["sent"] == "code=c"
            reply = await tokens.exchange("http://vendor.example/token", {"assertion": "a"}, timeout_s=5)
            assert b"assertion=a" in reply.body
    assert proxy.asked == [
        "get http://idp.example/.well-known/openid-configuration http/1.1",
        "post http://idp.example/token http/1.1",
        "post http://vendor.example/token http/1.1",
    ]


async def test_who_is_asked_by_https_is_asked_through_a_tunnel_and_the_proxy_sees_nothing_of_it() -> None:
    async with forward_proxy("http://127.0.0.1:9") as proxy, open_openid_providers(Egress(proxy.url)) as providers:
        with pytest.raises(UnavailableError, match="no answer"):
            await providers.exchange("https://idp.example/token", {"code": "secret"}, basic=("me", "pw"), timeout_s=5)
    (head,) = proxy.heads
    assert head.startswith("connect idp.example:443 ")
    assert "secret" not in head
    assert "\r\nauthorization:" not in head


@pytest.mark.parametrize("no_proxy", [(), ("127.0.0.0/8",)])
async def test_this_machine_is_asked_without_it(no_proxy: tuple[str, ...]) -> None:
    async with serving(APP) as url, outgoing_client(Egress("http://127.0.0.1:9", no_proxy)) as http:
        assert (await http.get(f"{url}/here")).json()["path"] == "/here"


@pytest.mark.parametrize("scheme", ["env", "file"])
async def test_a_proxy_with_a_password_is_named_and_shown_the_password(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(APP) as url, forward_proxy(url) as proxy:
        address = proxy.url.replace("http://", "http://somebody:secret@")
        monkeypatch.setenv("PROXY_URL", address)
        (tmp_path / "proxy").write_text(f"{address}\n")
        reference = "env://PROXY_URL" if scheme == "env" else f"file://{tmp_path}/proxy"
        async with outgoing_client(Egress(reference)) as http:
            await http.get("http://idp.example/x")
    assert "proxy-authorization: basic " in proxy.heads[0]


def test_a_reference_that_leads_nowhere_is_named_and_what_it_leads_to_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG", "secret-and-no-address")
    with pytest.raises(InvalidError, match="env://ABSENT, which is not there"):
        outgoing_client(Egress("env://ABSENT"))
    with pytest.raises(InvalidError, match="the proxy is no address") as refused:
        outgoing_client(Egress("env://WRONG"))
    assert "secret" not in str(refused.value)
