"""The vendor over HTTP, in threads of the tests: each dialect behind a path of its own."""

import itertools
import json
import select
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from tests.clients.vendor.anthropic import Messages
from tests.clients.vendor.chat import Chat
from tests.clients.vendor.mind import INPUT, Asked, Json, RefusedError, Reply, answer
from tests.clients.vendor.responses import Responses

KEY = "sk-vendor-0123456789"
PIECE_S = 0.02
BEGUN_S = 60.0
ENDLESS = 30_000
"""Pieces of an answer that never ends, if nobody leaves: ten minutes, so that a busy machine is none of its ends."""


class Dialect(Protocol):
    """What the server needs of a dialect."""

    def read(self, body: bytes) -> tuple[Asked, Json]: ...
    def whole(self, reply: Reply, request: Json) -> bytes: ...
    def stream(self, reply: Reply, request: Json) -> Iterator[bytes]: ...
    def begin(self, request: Json) -> bytes: ...
    def more(self) -> bytes: ...
    def refusal(self, error: RefusedError) -> bytes: ...


@dataclass
class Vendor:
    """What the vendor knows: requests that it took, and by tag those whose askers left before the end."""

    url: str = ""
    refused: list[str] = field(default_factory=list[str])
    dialects: dict[str, Dialect] = field(default_factory=dict[str, Dialect])
    numbers: Iterator[int] = field(default_factory=itertools.count)
    _left: dict[str, threading.Event] = field(default_factory=dict[str, threading.Event])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begun(self, tag: str) -> threading.Event:
        """Return the event that is set when a request of this tag is being answered."""
        return self.left(f"begun/{tag}")

    def left(self, tag: str) -> threading.Event:
        """Return the event that is set when whoever asked under this tag has left."""
        with self._lock:
            return self._left.setdefault(tag, threading.Event())


@contextmanager
def vendor() -> Generator[Vendor]:
    """Run the vendor on a free port."""
    known = Vendor(dialects={"chat": Chat(), "responses": Responses(), "anthropic": Messages()})

    class Connection(_Connection):
        vendor = known

    server = _Server(("127.0.0.1", 0), Connection)
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave: that they do is what is tested."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    vendor: Vendor

    def do_GET(self) -> None:
        """List the models, which is what a house probes with; or tell that a request of a tag is being answered."""
        if self.path.startswith("/begun/"):
            begun = self.vendor.begun(self.path.removeprefix("/begun/")).wait(BEGUN_S)
            self._reply(200 if begun else 504, b"{}")
            return
        self._reply(200, json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]}).encode())

    def do_POST(self) -> None:
        """Answer a request."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        name = self.path.split("/")[1]
        dialect = self.vendor.dialects[name]
        if self.path.endswith("/count_tokens"):
            self._reply(200, json.dumps({"input_tokens": INPUT}).encode())
            return
        try:
            self._check_key()
            asked, request = dialect.read(body)
            reply = answer(asked, next(self.vendor.numbers))
        except RefusedError as error:
            self.vendor.refused.append(f"{name}: {error}")
            self._reply(error.status, dialect.refusal(error))
            return
        if reply.slow:
            self._endless(dialect, request, reply.slow, stream=asked.stream)
        elif asked.stream:
            self._begin()
            for piece in dialect.stream(reply, request):
                self._piece(piece)
            self._piece(b"")
        else:
            self._reply(200, dialect.whole(reply, request))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base
        """Say nothing."""

    def _check_key(self) -> None:
        shown = self.headers.get("x-api-key") or (self.headers.get("authorization") or "").removeprefix("Bearer ")
        if shown != KEY:
            raise RefusedError("incorrect API key provided", 401)

    def _endless(self, dialect: Dialect, request: Json, tag: str, *, stream: bool) -> None:
        """Answer until whoever asked leaves."""
        left = self.vendor.left(tag)
        try:
            if stream:
                self._begin()
                self._piece(dialect.begin(request))
            self.vendor.begun(tag).set()
            for _ in range(ENDLESS):
                if select.select([self.connection], [], [], PIECE_S)[0]:
                    break  # nothing more is sent on this connection, so that it can only be its end
                if stream:
                    self._piece(dialect.more())
            else:
                return
        except OSError:
            pass
        self.close_connection = True
        left.set()

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _piece(self, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.flush()

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status == 429:
            self.send_header("retry-after-ms", "20")
        self.end_headers()
        self.wfile.write(body)
