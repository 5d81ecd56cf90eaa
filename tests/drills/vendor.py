"""A vendor that counts honestly, and misbehaves where a prompt says so: `python -m tests.drills.vendor PORT`.

A request's `max_tokens` is what it is charged as output, so that whoever asked knows what the ledger must say. A prompt
may contain an order: `drill:status:403`, `drill:usage:1e30`, `drill:large:1000000` (bytes of the answer),
`drill:echo:NAME` (the answer), `drill:slow:20` (events of a stream, ten a second), or `drill:endless:1` (a stream that
comes as fast as it is read).
"""

import asyncio
import re
import sys
from typing import cast

INPUT = 7
HEAD_END = b"\r\n\r\n"
WORD = b'{"id":"c","object":"chat.completion%s","created":1,"model":"m","choices":[%s]%s}'
_TOKENS = re.compile(rb'"max_(?:completion_)?tokens": ?(\d+)')
_STREAM = re.compile(rb'"stream": ?true')
_ORDER = re.compile(rb"drill:([a-z]+):([-0-9a-zA-Z.]+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
EVENTS_A_SECOND = 10


def usage(tokens: bytes) -> bytes:
    """Return the counts of an answer."""
    return b',"usage":{"prompt_tokens":%d,"completion_tokens":%b,"total_tokens":%b}' % (INPUT, tokens, tokens)


def reply(body: bytes, *, status: bytes = b"200 OK", kind: bytes = b"application/json") -> bytes:
    """Return an answer in one piece."""
    return b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n%b" % (status, kind, len(body), body)


def whole(tokens: bytes, content: bytes = b"hello") -> bytes:
    """Return a whole answer."""
    choice = b'{"index":0,"message":{"role":"assistant","content":"%b"},"finish_reason":"stop"}' % content
    return reply(WORD % (b"", choice, usage(tokens)))


def event(delta: bytes, *, reason: bytes = b"null", counts: bytes = b"") -> bytes:
    """Return one event of a stream."""
    choice = b'{"index":0,"delta":{%b},"finish_reason":%b}' % (delta, reason)
    return b"data: %b\n\n" % (WORD % (b".chunk", choice, counts))


def piece(content: bytes) -> bytes:
    """Return an event with a word of the answer."""
    return event(b'"role":"assistant","content":"%b"' % content)


PIECE = piece(b"hello")
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def last(tokens: bytes) -> bytes:
    """Return the end of a stream."""
    counts = b"data: %b\n\n" % (WORD % (b".chunk", b"", usage(tokens)))
    return event(b"", reason=b'"stop"') + counts + b"data: [DONE]\n\n"


class Vendor(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._free = asyncio.Event()
        self._free.set()
        self._streaming: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what streams to nobody."""
        del exc
        if self._streaming is not None:
            self._streaming.cancel()

    def pause_writing(self) -> None:
        """Wait for a reader."""
        self._free.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self._free.set()

    def data_received(self, data: bytes) -> None:
        """Answer when a request is complete."""
        self._data += data
        at = self._data.find(HEAD_END)
        if at < 0:
            return
        stated = _LENGTH.search(self._data, 0, at)
        if stated and len(self._data) < at + len(HEAD_END) + int(stated[1]):
            return
        body = bytes(self._data[at:])
        self._data.clear()
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        tokens = read[1] if (read := _TOKENS.search(body)) else b"1"
        orders = _ORDER.findall(body)
        order, amount = orders[-1] if orders else (b"", b"")
        write = self._transport.write
        match order:
            case b"status":
                write(reply(b'{"error":{"message":"refused","type":"x","code":"x"}}', status=amount + b" No"))
            case b"slow" | b"endless":
                self._streaming = asyncio.ensure_future(self._stream(order, int(amount)))
            case b"echo" if _STREAM.search(body):
                write(reply(piece(amount) + last(tokens), kind=b"text/event-stream"))
            case b"echo":
                write(whole(tokens, amount))
            case b"large":
                write(whole(tokens, b"x" * int(amount)))
            case _ if _STREAM.search(body):
                write(reply(PIECE + last(amount or tokens), kind=b"text/event-stream"))
            case _:
                write(whole(amount or tokens))

    async def _stream(self, order: bytes, events: int) -> None:
        self._transport.write(STREAM_HEAD)
        if order == b"endless":
            pieces = PIECE * 400
            while True:
                await self._write(pieces)
                await asyncio.sleep(0)
        for _ in range(events):
            await self._write(PIECE)
            await asyncio.sleep(1 / EVENTS_A_SECOND)
        await self._write(last(b"%d" % events))
        self._transport.write(b"0\r\n\r\n")

    async def _write(self, data: bytes) -> None:
        await self._free.wait()
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))


async def main(port: int) -> None:
    """Serve for ever."""
    server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
