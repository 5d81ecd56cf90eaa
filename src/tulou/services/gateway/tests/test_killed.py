"""Replicas that are killed under load, in processes of their own."""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tulou.contracts.discovery.messages import Replica
from tulou.services.gateway.tests import replica_process
from tulou.services.gateway.tests.gate import RunningGate, gate, snapshot, target
from tulou.testing.eventually import eventually


@asynccontextmanager
async def replica(name: str) -> AsyncGenerator[tuple[Replica, Process]]:
    """Run a replica until the end of the block, if it is not killed before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(replica_process.__file__), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    try:
        yield Replica(id=name, deployment="tiny", generation=1, url=f"http://127.0.0.1:{port}"), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask(gateway: RunningGate, stop: asyncio.Event, statuses: list[tuple[int, str]]) -> None:
    while not stop.is_set():
        got = await gateway.chat()
        statuses.append((got.status_code, got.headers.get("x-tulou-replica", "")))


async def test_no_request_fails_when_one_of_two_replicas_is_killed_in_the_middle_of_its_work(tmp_path: Path) -> None:
    async with (
        replica("one") as (one, process),
        replica("two") as (two, _),
        gate(tmp_path, snapshot(target(one, two))) as gateway,
    ):
        stop = asyncio.Event()
        statuses: list[tuple[int, str]] = []
        clients = [asyncio.create_task(ask(gateway, stop, statuses)) for _ in range(16)]
        await eventually(lambda: len(statuses) >= 100)
        process.kill()
        killed_at = len(statuses)
        await eventually(lambda: len(statuses) >= killed_at + 200)
        stop.set()
        await asyncio.gather(*clients)
        assert {status for status, _ in statuses} == {200}
        assert {name for _, name in statuses[:100]} == {"one", "two"}
        assert {name for _, name in statuses[killed_at + 32 :]} == {"two"}
