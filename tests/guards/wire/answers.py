"""Raw bytes on a gate's socket, and what comes back: `python -m tests.guards.wire.answers` writes the answers down.

`served.txt` holds requests that a gate knows: a name, what the client does next (`ask` something else, or `leave`), and
the bytes. All cases of the server's own corpus are sent as well. An answer is kept as its status, its headers in their
order (with the values that do not differ from run to run), and what kind of body it has.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from structlog.testing import capture_logs

from tests.guards import golden
from tests.guards.ledger.vendor import Vendor
from tests.guards.ledger.world import LIMITS, world
from tulou.http.server.guard import GuardLimits
from tulou.http.server.server import serving
from tulou.http.server.tests.corpus import read, unescaped
from tulou.services.gateway.tests.gate import gate
from tulou.testing.clock import ManualClock

GOLDEN = "answers.txt"
SERVED = Path(__file__).parent / "served.txt"
AT_ONCE = 16
LATE_S = 3.0
"""How long a request may be incomplete: longer than a busy machine takes to hand over what is there."""

LAST = b"GET /v1/the-last-one HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
TOLD = frozenset(
    {
        *(
            b"content-type",
            b"connection",
            b"transfer-encoding",
            b"allow",
            b"www-authenticate",
            b"cache-control",
            b"vary",
        ),
        *(b"access-control-allow-origin", b"access-control-allow-methods", b"access-control-allow-headers"),
        *(b"access-control-expose-headers", b"access-control-max-age", b"x-should-retry", b"x-tulou-model"),
    }
)
"""Headers whose values are written down."""

_CODE = re.compile(rb'"error":\{.*?"(?:code|type)":"?(\w+)', re.DOTALL)


class Sent(NamedTuple):
    """Bytes, and whether the client then leaves."""

    data: bytes
    leaves: bool


def cases() -> Mapping[str, Sent]:
    """Return what is sent by name."""
    found = {name: Sent(case.data, leaves=False) for name, case in read().items()}
    for line in SERVED.read_text("ascii").splitlines():
        name, then, data = line.split("\t")
        found[f"served: {name}"] = Sent(unescaped(data), then == "leave")
    return found


async def answers(directory: Path) -> golden.Facts:
    """Return what a gate answers to each."""
    vendor, turn = Vendor(), asyncio.Semaphore(AT_ONCE)
    limits = GuardLimits(head_s=LATE_S, body_s=LATE_S)
    with capture_logs():
        async with (
            serving(vendor.app, drain_s=0.1) as url,
            gate(directory, world(url), limits=limits, clock=ManualClock()) as running,
        ):
            running.allowances.left |= {name: left for name, (_, left) in LIMITS.items()}
            host, port = running.url.removeprefix("http://").split(":")

            async def one(sent: Sent) -> str:
                async with turn:
                    return await _answer(host, int(port), sent)

            named = cases()
            told = await asyncio.gather(*map(one, named.values()))
            return dict(zip(named, told, strict=True))


async def _answer(host: str, port: int, sent: Sent) -> str:
    reader, writer = await asyncio.open_connection(host, port)
    got = b""
    with suppress(ConnectionError):
        writer.write(sent.data if sent.leaves else sent.data + LAST)
        if sent.leaves:
            writer.write_eof()
        while piece := await reader.read(2**16):
            got += piece
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    found = list(_split(got))
    stays = bool(found) and b"the-last-one" in found[-1][1]
    told = [_told(head, body) for head, body in (found[:-1] if stays else found)]
    return " | ".join([*told, "open" if stays else "closed"])


def _split(got: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield head and body of each answer; one to HEAD has none."""
    while got:
        head, _, rest = got.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        bare = rest.startswith(b"HTTP/1.1 ") or head[9:12] in {b"100", b"204", b"304"}
        if bare:
            body = b""
        elif length is not None:
            body = rest[: int(length[1])]
        elif b"\r\ntransfer-encoding: chunked" in head:
            body = rest[: rest.find(b"0\r\n\r\n") + 5]
        else:
            body = rest
        yield head, body
        got = rest[len(body) :]


def _told(head: bytes, body: bytes) -> str:
    status, *lines = head.split(b"\r\n")
    headers = (line.split(b": ", 1) for line in lines)
    words = [name.decode() + (f": {value.decode()}" if name in TOLD else "") for name, value in headers]
    return f"{status[9:12].decode()} [{'; '.join(words)}] {_kind(body)}"


def _kind(body: bytes) -> str:
    code = _CODE.search(body)
    if code is not None:
        return ("stream that ends with " if b"data: " in body else "") + code[1].decode()
    if b"data: " in body:
        return f"stream of {body.count(b'data: ')}"
    return "JSON" if body[:1] in {b"{", b"["} else "text" if body else "nothing"


def main() -> None:
    """Write the answers down."""
    with TemporaryDirectory() as made:
        golden.write(GOLDEN, asyncio.run(answers(Path(made))))


if __name__ == "__main__":
    main()
