"""What the commands about quarantined entries ask of a house, and what they refuse to ask."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from tulou.cli.options import Changing, Options
from tulou.cli.quarantine import correct, discard, quarantine, requeue
from tulou.kernel.errors import InvalidError, NotFoundError

DIGEST = "5e2b92cc57ce618dfbb54844a31775e4"
ITEM = {
    "digest": DIGEST,
    "received_at": 0.0,
    "gateway": "gateway-0",
    "reason": "its time cannot be",
    "body": "{" * 100,
    "settled": {"at": 0.0, "by": "ada", "why": "a test", "entry": None},
}
COUNTS = {"new": 1, "known": 0, "left": 2}

Asked = list[tuple[str, str, str]]


def test_what_waits_is_listed_page_by_page_and_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with house_of(("/api/v1/ledger/quarantine", {"items": [ITEM], "waiting": 7, "next": "more"})) as (url, asked):
        quarantine(settled=True, limit=3, options=Options(url=url, key="any"))
        shown = capsys.readouterr().out
        quarantine(limit=1, options=Options(url=url, key="any", json=True))
    assert DIGEST[:12] in shown
    assert "discarded by ada" in shown
    assert "7 wait" in shown
    assert json.loads(capsys.readouterr().out) == [ITEM]
    limits = [path for _, path, _ in asked]
    assert [part for path in limits for part in path.split("&") if "limit=" in part] == [
        f"/api/v1/ledger/quarantine?limit={most}" for most in (3, 2, 1, 1)
    ]


def test_one_or_all_are_taken_again(capsys: pytest.CaptureFixture[str]) -> None:
    with house_of(("/api/v1/ledger/quarantine/requeue", COUNTS)) as (url, asked):
        options = Changing(url=url, key="any")
        requeue(all_=True, options=options)
        requeue(DIGEST, options=options)
        for digest in ("", DIGEST):
            with pytest.raises(InvalidError, match="--all"):
                requeue(digest, all_=bool(digest), options=options)
    assert [json.loads(body) for _, _, body in asked] == [{"digest": ""}, {"digest": DIGEST}]
    assert "LEFT" in capsys.readouterr().out


def test_a_correction_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "entry.json"
    file.write_text('{"id": "a"}')
    with house_of((f"/api/v1/ledger/quarantine/{DIGEST}", COUNTS)) as (url, asked):
        options = Changing(url=url, key="any")
        correct(DIGEST, file, options=options)
        with pytest.raises(NotFoundError):
            correct(DIGEST, tmp_path / "none.json", options=options)
        file.write_text("{")
        with pytest.raises(InvalidError, match="no entry"):
            correct(DIGEST, file, options=options)
    assert [(method, json.loads(body)) for method, _, body in asked] == [("PUT", {"id": "a"})]


def test_nothing_is_discarded_without_a_reason() -> None:
    with house_of((f"/api/v1/ledger/quarantine/{DIGEST}", {})) as (url, asked):
        with pytest.raises(InvalidError, match="--reason"):
            discard(DIGEST, options=Changing(url=url, key="any", reason=" "))
        assert asked == []
        discard(DIGEST, options=Changing(url=url, key="any", reason="ours"))
    assert [method for method, _, _ in asked] == ["DELETE"]


@contextmanager
def house_of(answer: tuple[str, object]) -> Generator[tuple[str, Asked]]:
    """Serve one path; yield the address and what was asked."""
    asked: Asked = []

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append((self.command, self.path, body.decode()))
            content = msgspec.json.encode(answer[1])
            self.send_response(200 if self.path.partition("?")[0] == answer[0] else 404)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - as the server calls them

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()
