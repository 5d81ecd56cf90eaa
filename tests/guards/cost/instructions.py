"""Counts the bytecode instructions of one request through a whole gate.

`python -m tests.guards.cost.instructions` writes down what this Python takes.

Only instructions of `src/tulou` count, tests left out: not those of asyncio or of clients and vendors, and not what C
does. So the machine and its mood change nothing, and the least of many leaves out what runs in the background.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, Self

import msgspec
from structlog.testing import capture_logs

import tulou
from tests.guards import golden
from tests.guards.ledger.world import LIMITS, world
from tulou.chassis.http.tests.raw import raw
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.gate import gate
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import Saying

GOLDEN = "instructions.txt"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
WARM, COUNTED = 10, 31
MORE = 1.03
"""So much above what is written down is still taken."""

OURS = str(Path(tulou.__file__).parent)
TESTS = f"{Path('/') / 'tests'}/"
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "passed through": {"model": "gpt"},
    "passed through as a stream": {"model": "gpt", "stream": True},
    "translated": {"model": "claude"},
    "translated as a stream": {"model": "claude", "stream": True},
}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_PATH = re.compile(rb"POST /(\w+)/")


class Counter:
    """Counts while it is on."""

    def __init__(self) -> None:
        self.count = 0
        self._before = sys.gettrace()

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        del event, argument
        file = frame.f_code.co_filename
        if not file.startswith(OURS) or TESTS in file:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._counted

    def _counted(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        del frame, argument
        self.count += event == "opcode"
        return self._counted


async def counted() -> Mapping[str, int]:
    """Return the instructions of each kind of request."""
    with TemporaryDirectory() as made, capture_logs():
        async with (
            raw(_vendor) as vendor,
            gate(
                Path(made),
                world(f"http://127.0.0.1:{vendor.origin.port}"),
                settings=GatewaySettings(ledger_every_s=3_600),
            ) as running,
        ):
            running.allowances.left |= {name: left for name, (_, left) in LIMITS.items()}
            host, port = running.url.removeprefix("http://").split(":")
            return {kind: await _least(host, int(port), asked) for kind, asked in REQUESTS.items()}


async def _least(host: str, port: int, asked: Mapping[str, Any]) -> int:
    """Return what a request takes at least on a connection that has had some."""
    body = msgspec.json.encode({"messages": [{"role": "user", "content": "Say something about gates."}], **asked})
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer ana\r\n"
    head += b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    reader, writer = await asyncio.open_connection(host, port)
    counts: list[int] = []
    for _ in range(WARM + COUNTED):
        with Counter() as counter:
            writer.write(head + body)
            await _answer(reader)
        counts.append(counter.count)
    writer.close()
    await writer.wait_closed()
    return min(counts[WARM:])


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head:
        raise ValueError(f"the gate answered {head!r}")
    length = _LENGTH.search(head)
    if length is not None:
        await reader.readexactly(int(length[1]))
    else:
        await reader.readuntil(b"\r\n0\r\n\r\n")


async def _vendor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request of a connection in the dialect of its path, in one piece."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        path, length = _PATH.search(head), _LENGTH.search(head)
        if path is None or length is None:
            raise ValueError(f"the gate asked {head!r}")
        body = await reader.readexactly(int(length[1]))
        saying = next(speech.text for dialect, speech in SPEECHES.items() if dialect.encode() == path[1])
        writer.write(_streamed(saying) if b'"stream":true' in body else _whole(saying))
        await writer.drain()


def _whole(saying: Saying) -> bytes:
    body = msgspec.json.encode(saying.whole)
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _streamed(saying: Saying) -> bytes:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(frame), frame) for frame in saying.frames)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + chunks + b"0\r\n\r\n"


def bounds() -> Mapping[str, int]:
    """Return what is written down for this Python."""
    found = golden.read(GOLDEN)
    return {kind: int(found[f"{VERSION} {kind}"]) for kind in REQUESTS if f"{VERSION} {kind}" in found}


def main() -> None:
    """Write down what this Python takes; those of others stay."""
    now = {f"{VERSION} {kind}": str(count) for kind, count in asyncio.run(counted()).items()}
    golden.write(GOLDEN, {**golden.read(GOLDEN), **now})


if __name__ == "__main__":
    main()
