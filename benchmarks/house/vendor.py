"""A vendor that answers at once and counts honestly: `python vendor.py PORT`.

A request's `max_tokens` is what it is charged as output, so that whoever asked knows what the ledger must say.
"""

import asyncio
import re
import sys
from typing import cast

import uvloop

INPUT = 7
WORD = b'{"id":"c","object":"chat.completion%s","created":1,"model":"m","choices":[%s]%s}'
_TOKENS = re.compile(rb'"max_tokens": ?(\d+)')
_STREAM = re.compile(rb'"stream": ?true')


def usage(tokens: int) -> bytes:
    """Return the counts of an answer."""
    counts = (INPUT, tokens, INPUT + tokens)
    return b',"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}' % counts


def whole(tokens: int) -> bytes:
    """Return an answer in one piece."""
    choice = b'{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}'
    body = WORD % (b"", choice, usage(tokens))
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def stream(tokens: int) -> bytes:
    """Return an answer as a stream of three events."""
    piece = b'{"index":0,"delta":{"role":"assistant","content":"hello"},"finish_reason":null}'
    last = b'{"index":0,"delta":{},"finish_reason":"stop"}'
    words = [(piece, b""), (last, b""), (b"", usage(tokens))]
    events = b"".join(b"data: %b\n\n" % (WORD % (b".chunk", choice, counts)) for choice, counts in words)
    body = events + b"data: [DONE]\n\n"
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(body)
    return head + body


class Vendor(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer when a request is complete."""
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length:")
        if at >= 0 and len(body) < int(head[at + 15 : at + 27].split(b"\r\n")[0]):
            return
        self._data = b""
        tokens = int(read[1]) if (read := _TOKENS.search(body)) else 1
        if self._transport is not None:
            self._transport.write(stream(tokens) if _STREAM.search(body) else whole(tokens))


async def main(port: int) -> None:
    """Serve for ever."""
    server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
