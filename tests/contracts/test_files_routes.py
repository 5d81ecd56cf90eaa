"""Uploads over REST, to a service of the same process or of another."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from tests.contracts.bindings import Binding, opened
from tulou.chassis.rest import rest_app
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.http.server.server import serving
from tulou.services.files.component import COMPONENT as FILES
from tulou.services.files.form import EXTRA_BYTES
from tulou.services.files.http import router
from tulou.services.files.settings import FilesSettings
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.http import http_client

MOST = 1000
HEAD = (
    b'--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n'
    b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
)


async def anybody(_: Authenticate) -> Identified:
    return Identified(key="key_1", tenant="default", principal="ana", project="default", scopes=("inference",))


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(FILES.migrations) as small:
        yield small


@pytest.fixture
async def client(house: SmallHouse, binding: Binding) -> AsyncGenerator[httpx2.AsyncClient]:
    settings = {FilesSettings: FilesSettings(file_bytes=MOST)}
    async with opened(FILES, house, binding, settings) as files:
        app = rest_app([], inference=[router(files)], authenticate=anybody)
        async with serving(app) as url, http_client(url, headers={"x-api-key": "any"}) as http:
            yield http


async def upload(client: httpx2.AsyncClient, size: int, *, end: bytes = b"\r\n--x--\r\n") -> httpx2.Response:
    async def form() -> AsyncIterator[bytes]:
        yield HEAD + bytes(size) + end

    return await client.post("/v1/files", content=form(), headers={"content-type": "multipart/form-data; boundary=x"})


async def test_a_file_as_large_as_the_setting_says_is_taken(client: httpx2.AsyncClient) -> None:
    taken = await upload(client, MOST)

    assert (taken.status_code, taken.json()["bytes"]) == (200, MOST)


async def test_a_form_is_read_no_further_than_the_setting_says(client: httpx2.AsyncClient, house: SmallHouse) -> None:
    """The form has no end, so that only who stops reading can tell that it is too large."""
    refused = await upload(client, MOST + EXTRA_BYTES, end=b"")

    assert refused.status_code == 413
    assert "[files] file_bytes" in refused.json()["error"]["message"]
    assert [facts async for facts in house.blobs.list("files/")] == []


async def begin_upload(url: str, who: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Begin an upload, and return when the server has asked for its body."""
    reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
    head = f"POST /v1/files HTTP/1.1\r\nhost: x\r\nx-api-key: {who}\r\nexpect: 100-continue\r\n"
    form = "content-type: multipart/form-data; boundary=x\r\ntransfer-encoding: chunked\r\n\r\n"
    writer.write((head + form).encode())
    assert b" 100 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_one_tenant_uploads_half_of_what_may_arrive_at_once(house: SmallHouse, binding: Binding) -> None:
    async def whoever(request: Authenticate) -> Identified:
        return replace(await anybody(request), tenant=request.secret)

    settings = {FilesSettings: FilesSettings(file_bytes=MOST, uploads=4)}
    async with opened(FILES, house, binding, settings) as files:
        app = rest_app([], inference=[router(files)], authenticate=whoever)
        async with serving(app) as url, http_client(url, headers={"x-api-key": "red"}) as http:
            slow = [await begin_upload(url, "red") for _ in range(2)]
            refused = await upload(http, 10)
            async with http_client(url, headers={"x-api-key": "blue"}) as other:
                taken = await upload(other, 10)
            for reader, writer in slow:
                body = HEAD + b"\r\n--x--\r\n"
                writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
                assert b" 200 " in await reader.readline()
                writer.close()
            again = await upload(http, 10)

    assert refused.status_code == 429
    assert "[files] uploads" in refused.json()["error"]["message"]
    assert refused.headers["retry-after"] == "1"
    assert (taken.status_code, again.status_code) == (200, 200)
