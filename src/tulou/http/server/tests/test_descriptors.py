"""A server that has no file descriptor left, in a process of its own."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress

import pytest

from tulou.http.server.tests.test_server import GET, connect, say
from tulou.testing.eventually import eventually

LAST = GET.replace(b"host: x", b"host: x\r\nconnection: close")
SERVER = """
import asyncio, resource, sys
import uvloop
from tulou.http.server.server import serving
from tulou.http.server.tests.test_server import hello

async def main():
    async with serving(hello) as url:
        line = asyncio.get_running_loop().run_in_executor
        print(url, flush=True)
        await line(None, sys.stdin.readline)
        used = 3 + len(__import__("os").listdir("/proc/self/fd"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 10, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        print("low", flush=True)
        await line(None, sys.stdin.readline)

with asyncio.Runner(loop_factory=uvloop.new_event_loop if sys.argv[1] == "uvloop" else None) as runner:
    runner.run(main())
"""


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
async def test_a_server_without_descriptors_answers_again_when_there_are_some(loop: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, loop, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().strip()
        assert b"hello" in await say(url, LAST)  # it has looked how many connections it may have
        process.stdin.write(b"\n")
        assert await process.stdout.readline() == b"low\n"
        crowd = [await connect(url) for _ in range(40)]
        for _, writer in crowd:
            writer.close()

        async def answered() -> bool:
            with suppress(ConnectionError):  # of what was accepted to be closed
                return (await say(url, LAST)).startswith(b"HTTP/1.1 200 ")
            return False

        await eventually(answered)
    finally:
        process.stdin.write(b"\n")
        await process.wait()
