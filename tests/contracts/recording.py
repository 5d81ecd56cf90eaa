"""A server that stands for every vendor: it keeps what is asked, under the host that it was for, and refuses it."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

PROVING = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
ALIASES: Mapping[str, str] = {"max_completion_tokens": "max_tokens"}
SETTINGS = (
    *("temperature", "top_p", "reasoning_effort", "thinking", "max_tokens", "max_completion_tokens"),
    *("chat_template_kwargs", "seed"),
)
"""What of a request's body is compared, where an entry sets it."""

NOT_FOR_MODELS = ("/raw/main/", "/api/models/", "/api/show")
"""What LiteLLM asks for beside the call itself: files of tokenizers, and what a server says of its models."""

TOKEN = "sk-google"
"""What a service account gets for its word."""

REFUSAL = json.dumps({"error": {"message": "kept", "type": "invalid_request_error"}}).encode()


@dataclass(frozen=True)
class Sent:
    """One request as it went out: `url` is host, path and query, `proof` the header that proves who asks."""

    method: str
    url: str
    model: str
    proof: str
    body: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False)

    def written(self) -> Mapping[str, Any]:
        """Return what is compared, as a file keeps it."""
        settings = {ALIASES.get(name, name): value for name, value in self.body.items() if name in SETTINGS}
        made = {"method": self.method, "url": self.url, "model": self.model, "proof": self.proof}
        return {**made, "settings": settings} if settings else made


class Recorder(ThreadingHTTPServer):
    """Keeps requests in the order in which they come, as `/<host><path>`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._sent: list[Sent] = []

    def keep(self, sent: Sent) -> None:
        self._sent.append(sent)

    def take(self) -> list[Sent]:
        """Return what was asked for since this was called last, but for what is no call of a model."""
        taken, self._sent = self._sent, []
        return [one for one in taken if not any(part in one.url for part in NOT_FOR_MODELS)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder  # type: ignore[assignment] - it is made by no other

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/token":
            self._answer(200, json.dumps({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}).encode())
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = _body(content)
        proof = next((f"{name}: {headers[name]}" for name in PROVING if name in headers), "")
        model = str(body.get("model") or "")
        self.server.keep(Sent(self.command, self.path.lstrip("/"), model, proof, body))
        self._answer(400, REFUSAL)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        body: Any = json.loads(content or b"{}")
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", body) if isinstance(body, dict) else {}


@contextmanager
def recording() -> Generator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
