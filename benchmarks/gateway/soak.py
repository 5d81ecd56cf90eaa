"""Does the gateway keep its size? Minutes of mixed load, with its memory and open files as it goes.

`python benchmarks/gateway/soak.py [--minutes 2]`. Whole answers, streams, clients that leave in the middle of a stream
or of their own request, and every kind of error, all at once. Needs nginx and taskset. Ends with 1 when memory grows in
the second half, when files stay open at the end, or when something was answered otherwise than it should be.
"""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from contenders import KEY, LOAD_CORE, Contender, tulou, upstreams
from measure import body, resident_mib
from upstream import BURST

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.routing.messages import Target

WARM_S = 20.0
"""Pools, caches and the allocator fill first; what comes after is growth."""
GROWTH_MIB = 4.0
FILES = 8
PARTS = 6
EACH = 8
PAUSE_S = 0.04
CALM_WITHIN_S = 45.0
"""Kept connections to upstreams are closed after 30 s."""
ABSENT = Target(
    deployment="absent",
    endpoints=("chat",),
    created_at=0.0,
    replicas=(Replica(id="absent-1", deployment="absent", generation=1, url="http://127.0.0.1:9"),),
)
ERRORS = (
    (body("ghost", stream=False), KEY, b"404"),
    (body("absent", stream=True), KEY, b"502 503"),
    (body("plain", stream=False), "sk-tulou-wrong", b"401"),
    ('{"model":"plain","messages":"hi"}', KEY, b"400"),
    ('{"model":', KEY, b"400"),
)


@dataclass
class Clients:
    """Those who ask, each over connections of its own, and what they saw."""

    host: str
    port: int
    seen: Counter[str] = field(default_factory=Counter[str])

    async def whole(self) -> None:
        """Ask for a whole answer, fifty times over one connection."""
        reader, writer = await self._connect()
        try:
            for _ in range(50):
                writer.write(request(body("plain", stream=False)))
                status = await _answer(reader)
                self._note(f"whole {status.decode()}", right=status == b"200")
                await asyncio.sleep(PAUSE_S)
        finally:
            writer.close()

    async def stream(self) -> None:
        """Read a stream to its end."""
        reader, writer = await self._connect()
        try:
            writer.write(request(body("burst", stream=True)))
            said = await reader.readuntil(b"\r\n0\r\n\r\n")
            self._note("stream", right=said.count(b"data: {") == BURST)
        finally:
            writer.close()

    async def leave(self) -> None:
        """Leave a stream after its first chunks."""
        reader, writer = await self._connect()
        writer.write(request(body("paced", stream=True)))
        await reader.readuntil(b"data: {")
        self._note("left a stream", right=True)
        writer.transport.abort()

    async def leave_early(self) -> None:
        """Leave in the middle of the request, or before the answer."""
        for part in (200, None):
            _, writer = await self._connect()
            writer.write(request(body("plain", stream=False))[:part])
            await writer.drain()
            self._note("left a request", right=True)
            writer.transport.abort()

    async def err(self) -> None:
        """Make every mistake once."""
        for asked, key, statuses in ERRORS:
            reader, writer = await self._connect()
            try:
                writer.write(request(asked, key))
                status = await _answer(reader)
                self._note(f"error {status.decode()}", right=status in statuses)
            finally:
                writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.host, self.port)

    def _note(self, what: str, *, right: bool) -> None:
        self.seen[what if right else f"WRONG: {what}"] += 1


def request(asked: str, key: str = KEY) -> bytes:
    """Return a request as it goes over the wire."""
    said = asked.encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(said)}\r\n\r\n".encode() + said


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer with a stated length; return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length: ")[2].split(b"\r\n")[0]
    await reader.readexactly(int(length))
    return head[9:12]


async def soak(gate: Contender, seconds: float) -> bool:
    """Put the load on, print how the gateway is, and return whether all is well."""
    host, port = gate.url.removeprefix("http://").split(":")
    clients = Clients(host, int(port))
    fresh = open_files(gate.pid)
    show("before", gate.pid, clients)
    kinds = (clients.whole, clients.stream, clients.leave, clients.leave_early, clients.err)
    tasks = [asyncio.create_task(_over_and_over(kind, clients)) for kind in kinds for _ in range(EACH)]
    await asyncio.sleep(WARM_S)
    sizes = [show("start", gate.pid, clients)]
    for part in range(1, PARTS + 1):
        await asyncio.sleep(seconds / PARTS)
        sizes.append(show("end" if part == PARTS else f"{part}/{PARTS}", gate.pid, clients))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await _calm(gate.pid, fresh)
    show("calm", gate.pid, clients)
    return judge(sizes, open_files(gate.pid) - fresh, clients.seen)


def judge(sizes: list[float], files: int, seen: Counter[str]) -> bool:
    """Say what is not as it should be."""
    growth = sizes[-1] - sizes[len(sizes) // 2]
    troubles = [what for what in seen if what.startswith("WRONG")]
    if growth > GROWTH_MIB:
        troubles.append(f"memory grew by {growth:.1f} MiB in the second half")
    if files > FILES:
        troubles.append(f"{files} more files are open than before the load")
    print(*(f"{what}: {count:,}" for what, count in sorted(seen.items())), sep="\n")
    print("trouble: " + "; ".join(troubles) if troubles else "all is well")
    return not troubles


def show(when: str, pid: int, clients: Clients) -> float:
    """Print a line of the table, and return the memory."""
    size = resident_mib(pid)
    print(f"{when:>8} {size:8.1f} MiB {open_files(pid):6} files {clients.seen.total():10,} answers", flush=True)
    return size


def open_files(pid: int) -> int:
    """Return how many files and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def _over_and_over(kind: Callable[[], Awaitable[None]], clients: Clients) -> None:
    while True:
        try:
            async with asyncio.timeout(30):
                await kind()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            clients.seen[f"WRONG: {kind.__name__} {type(error).__name__}"] += 1
        await asyncio.sleep(PAUSE_S)


async def _calm(pid: int, fresh: int) -> None:
    """Wait until connections that are kept for a while are closed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CALM_WITHIN_S):
            while open_files(pid) > fresh:  # noqa: ASYNC110 - another process's files tell nobody when they close
                await asyncio.sleep(1)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    with (
        TemporaryDirectory() as made,
        upstreams(Path(made), sys.executable),
        tulou(Path(made), sys.executable, more=(ABSENT,)) as gate,
        suppress(KeyboardInterrupt),
    ):
        sys.exit(0 if asyncio.run(soak(gate, asked.minutes * 60)) else 1)


if __name__ == "__main__":
    main()
