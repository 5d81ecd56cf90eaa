"""A tiny OpenAI-compatible upstream that streams: canned in one piece, in bursts, or paced like an engine.

Run: `python upstream.py PORT`. The model's name says how: `canned`, `burst`, or `paced` (100 chunks/s).
"""

import asyncio
import sys
from typing import cast

import uvloop

CHUNK = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}\n\n'
)
DONE = b"data: [DONE]\n\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
CANNED = 1000
BURST = 100
PACED_S = 10.0
PACE_S = 0.01


def framed(data: bytes) -> bytes:
    """Return one chunk of the chunked coding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


CANNED_ANSWER = HEAD + framed(CHUNK * CANNED + DONE) + b"0\r\n\r\n"
PIECE = framed(CHUNK)
END = framed(DONE) + b"0\r\n\r\n"


class Stream(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the Protocol's
        """Stop writing."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer when a request is complete."""
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().index(b"content-length:") + 15
        if len(body) < int(head[at : at + 10].split(b"\r\n")[0]):
            return
        self._data = b""
        if b'"canned"' in body:
            self._write(CANNED_ANSWER)
        elif b'"burst"' in body:
            self._write(HEAD)
            self._burst(BURST)
        else:
            self._write(HEAD)
            self._pace(round(PACED_S / PACE_S), self._loop.time())

    def _burst(self, left: int) -> None:
        if left:
            self._write(PIECE)
            self._loop.call_soon(self._burst, left - 1)
        else:
            self._write(END)

    def _pace(self, left: int, due: float) -> None:
        if left and self._transport is not None:
            self._write(PIECE)
            self._loop.call_at(due + PACE_S, self._pace, left - 1, due + PACE_S)
        else:
            self._write(END)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


async def main(port: int) -> None:
    """Serve for ever."""
    server = await asyncio.get_running_loop().create_server(Stream, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
