"""A vendor for stored houses: it takes one credential, and answers each chat with the same counts."""

from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import msgspec

CREDENTIAL = "sk-vendor-stored"
MODEL = "vendor/large"
ANSWER = msgspec.json.encode(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }
)
MODELS = msgspec.json.encode({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
REFUSED = msgspec.json.encode({"error": {"message": "wrong key", "type": "invalid_request_error"}})


class Vendor(BaseHTTPRequestHandler):
    """Answers whoever shows the credential."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """List the one model."""
        self._answer(MODELS)

    def do_POST(self) -> None:
        """Answer a chat."""
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer(ANSWER)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        known = self.headers.get("authorization") == f"Bearer {CREDENTIAL}"
        self.send_response(200 if known else 401)
        body = body if known else REFUSED
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def vendor() -> Generator[str]:
    """Serve as long as the block runs; yield the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
