"""What one tenant does at a gateway leaves room for another."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.gate import RunningGate, gate, grant, question, snapshot, target
from tulou.services.gateway.tests.upstream import upstream
from tulou.testing.eventually import eventually

RED, BLUE = "sk-tulou-red", "sk-tulou-blue"
GRANTS = (grant(RED, key="key_red", tenant="red"), grant(BLUE, key="key_blue", tenant="blue"))
SMALL = GatewaySettings(bodies_bytes=4000, body_bytes=2000)


def head(secret: str, length: int) -> bytes:
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
        + secret.encode()
        + b"\r\ncontent-length: %d\r\n\r\n" % length
    )


@asynccontextmanager
async def connected(gateway: RunningGate) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = gateway.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(gateway: RunningGate, secret: str) -> tuple[int, str]:
    headers = {"authorization": f"Bearer {secret}"}
    got = await gateway.http.post("/v1/chat/completions", json=question(), headers=headers)
    return got.status_code, got.json().get("error", {}).get("code", "")


async def test_bodies_that_are_never_ended_leave_other_tenants_their_room(tmp_path: Path) -> None:
    async with (
        upstream() as engine,
        gate(tmp_path, snapshot(target(engine.replica()), grants=GRANTS), settings=SMALL) as gateway,
        connected(gateway) as (_, writer),
    ):
        writer.write(head(RED, 2000) + b" " * 1999)
        await eventually(lambda: gateway.service.turnstile.bytes == 2000)
        assert await ask(gateway, RED) == (503, "overloaded")
        assert await ask(gateway, BLUE) == (200, "")
        writer.close()
        await eventually(lambda: gateway.service.turnstile.bytes == 0)
        assert await ask(gateway, RED) == (200, "")


async def test_the_room_for_a_body_is_taken_when_its_length_is_known(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot(target(), grants=GRANTS), settings=SMALL) as gateway, connected(gateway) as line:
        line[1].write(head(RED, 1500) + b"{")
        await eventually(lambda: gateway.service.turnstile.bytes == 1500)
        async with connected(gateway) as (reader, writer):
            writer.write(head(RED, 1500) + b"{")
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 503 ")
        assert gateway.service.turnstile.bytes == 1500


async def test_a_body_behind_a_wrong_key_is_not_taken_in(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot(target(), grants=GRANTS)) as gateway, connected(gateway) as (reader, writer):
        writer.write(head("sk-tulou-wrong", 5_000_000))
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 401 ")
        assert gateway.service.turnstile.bytes == 0


async def test_streams_of_one_tenant_leave_places_to_others(tmp_path: Path) -> None:
    settings = GatewaySettings(in_flight=2, queue=2, queue_s=0.01)
    async with (
        upstream() as engine,
        gate(tmp_path, snapshot(target(engine.replica()), grants=GRANTS), settings=settings) as gateway,
    ):
        assert gateway.service.turnstile.try_enter("red")
        assert await ask(gateway, RED) == (429, "tenant_share_reached")
        assert await ask(gateway, BLUE) == (200, "")
        gateway.service.turnstile.leave("red")
        assert await ask(gateway, RED) == (200, "")
