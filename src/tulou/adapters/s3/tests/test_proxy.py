"""A store outside is asked through the proxy that its URL names."""

from pathlib import Path

import pytest
from starlette.applications import Starlette

from tulou.adapters.s3.blobs import open_s3_blobs
from tulou.http.server.server import serving
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.testing.servers.forward_proxy import forward_proxy

EMPTY = Starlette()
"""A store that has nothing."""


@pytest.mark.parametrize("named", [False, True])
async def test_a_store_is_asked_through_the_proxy(named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - drawn
    monkeypatch.setenv("S3_ACCESS", "key")
    monkeypatch.setenv("S3_SECRET", "secret")
    keys = "access_key=env://S3_ACCESS&secret_key=env://S3_SECRET"
    async with serving(EMPTY) as url, forward_proxy(url) as proxy:
        (tmp_path / "proxy").write_text(proxy.url)
        way = f"file://{tmp_path}/proxy" if named else proxy.url
        async with open_s3_blobs(f"s3://models?endpoint=http://s3.example&{keys}&proxy={way}") as blobs:
            assert await blobs.find("a/b") is None
    assert proxy.asked == ["head http://s3.example/models/a/b http/1.1"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_is_asked_directly(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_KEY", "key")
    keys = "access_key=env://S3_KEY&secret_key=env://S3_KEY"
    async with serving(EMPTY) as url, forward_proxy(url) as proxy:
        endpoint = url.replace("127.0.0.1", host)
        async with open_s3_blobs(f"s3://models?endpoint={endpoint}&{keys}&proxy={proxy.url}") as blobs:
            assert await blobs.find("a/b") is None
    assert not proxy.asked


async def test_what_is_excluded_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_KEY", "key")
    keys = "access_key=env://S3_KEY&secret_key=env://S3_KEY"
    async with serving(EMPTY) as url, forward_proxy(url) as proxy:
        way = f"proxy={proxy.url}&no_proxy=x.example%20s3.example"
        async with open_s3_blobs(f"s3://models?endpoint=http://s3.example:1&{keys}&{way}") as blobs:
            with pytest.raises(UnavailableError):
                await blobs.find("a/b")
    assert not proxy.asked


async def test_a_proxy_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidError, match="env://ABSENT, which is not there"):
        async with open_s3_blobs("s3://models?proxy=env://ABSENT"):
            pass
