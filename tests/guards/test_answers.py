"""The same bytes on a gate's socket are answered as they were: status, headers in order, body, connection."""

from pathlib import Path

from tests.guards import golden
from tests.guards.wire.answers import GOLDEN, answers, cases

SHOWN = 40


async def test_bytes_on_a_gates_socket_are_answered_as_they_were(tmp_path: Path) -> None:
    found = golden.difference(golden.read(GOLDEN), await answers(tmp_path), demands={})
    report = "\n".join((*found.broken, *found.came)[:SHOWN])

    assert len(cases()) > 450
    assert not found, f"if it is meant, `python -m tests.guards.wire.answers` writes it down:\n{report}"
