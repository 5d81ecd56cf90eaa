"""A small LiteLLM proxy: what it answers is checked against the real one's own OpenAPI document."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

SCHEMAS = json.loads((Path(__file__).parent / "litellm" / "openapi.json").read_text("utf-8"))
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "/key/list": {"$ref": "#/components/schemas/KeyListResponseObject"},
    "/v2/team/list": {"$ref": "#/components/schemas/TeamListResponse"},
    "/budget/list": {"type": "array", "items": {"$ref": "#/components/schemas/LiteLLM_BudgetTable"}},
}
"""What the document says of each answer; of the others it says nothing."""

NO_DATABASE = {"detail": {"error": "DB not connected. This endpoint needs a database"}}


class SmallProxy(ThreadingHTTPServer):
    """Answers by path; a list of answers is paged. `key` is its master key, without `database` it has none.

    `encoding` is what it says of its answers, which are plain all the same.
    """

    daemon_threads = True

    def __init__(self, answers: Mapping[str, Any], *, key: str = "", database: bool = True, encoding: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.key = key
        self.database = database
        self.encoding = encoding
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: SmallProxy  # type: ignore[assignment] - it is made by no other

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        self.server.asked.append(self.path)
        if self.server.key and self.headers.get("authorization") != f"Bearer {self.server.key}":
            self._answer(401, {"error": {"message": "Authentication Error", "code": "401"}})
        elif split.path in ANSWERS and not self.server.database:
            self._answer(500, NO_DATABASE)
        elif split.path not in self.server.answers:
            self._answer(404, {"detail": "Not Found"})
        else:
            self._answer(200, _valid(split.path, self.server.answers[split.path], dict(parse_qsl(split.query))))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def _answer(self, status: int, body: object) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if self.server.encoding:
            self.send_header("content-encoding", self.server.encoding)
        self.end_headers()
        self.wfile.write(content)


def _valid(path: str, answer: Any, query: Mapping[str, str]) -> Any:
    """Return the page that is asked for, which is what the real proxy's document says."""
    if isinstance(answer, bytes):
        return answer
    if path in ("/key/list", "/v2/team/list"):
        answer = answer[int(query.get("page", "1")) - 1]
    if path in ANSWERS:
        checker: Any = Draft202012Validator({**SCHEMAS, **ANSWERS[path]})
        checker.validate(answer)
    return answer


@contextmanager
def small_proxy(
    answers: Mapping[str, Any], *, key: str = "", database: bool = True, encoding: str = ""
) -> Generator[SmallProxy]:
    with SmallProxy(answers, key=key, database=database, encoding=encoding) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
