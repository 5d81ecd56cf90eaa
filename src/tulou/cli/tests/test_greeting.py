"""What is said at the start, by a house that answers at once."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tulou.assembly.owner import ADMIN_KEY
from tulou.assembly.running import RunningHouse
from tulou.cli.greeting import Greeting

NOBODY = 2**22 + 1
"""No process has such a number, so that a house that does not answer at once is given up."""


class _House(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = {"/api/v1/first-start": b'{"done": true}', "/api/v1/deployments": b'{"items": []}'}.get(self.path, b"")
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        del format, args


@contextmanager
def a_house() -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _House) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_house_on_this_machine_is_greeted_past_a_proxy_for_the_rest_of_the_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / ADMIN_KEY).write_text("sk-tulou-first\n")
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with a_house() as url:
        standing = RunningHouse(name="house", pid=NOBODY, gate_url=url, control_url=url, started_at=0, gateways=1)
        Greeting(tmp_path).say(standing)

    assert f"console  {url}/#key=sk-tulou-first" in capsys.readouterr().out
