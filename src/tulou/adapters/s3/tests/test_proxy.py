"""A store outside is asked through the proxy that its URL names."""

from pathlib import Path

import pytest
from starlette.applications import Starlette

from tulou.adapters.s3.blobs import open_s3_blobs
from tulou.http.server.server import serving
from tulou.kernel.errors import InvalidError
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


async def test_a_proxy_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidError, match="env://ABSENT, which is not there"):
        async with open_s3_blobs("s3://models?proxy=env://ABSENT"):
            pass
