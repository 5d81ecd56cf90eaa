"""Answers as upstreams give them, whole and as streams; Bedrock's streams are kept as lines and framed here."""

import json
from pathlib import Path

from tulou.services.gateway.dialects.tests.eventstream import event, exception

ANSWERS = Path(__file__).parent / "golden" / "answers"


def whole(upstream: str, scenario: str) -> bytes:
    return (ANSWERS / f"{upstream}.{scenario}.json").read_bytes()


def stream(upstream: str, scenario: str) -> bytes:
    if upstream == "bedrock":
        return b"".join(_framed(json.loads(line)) for line in lines(upstream, scenario))
    return (ANSWERS / f"{upstream}.{scenario}.sse").read_bytes()


def lines(upstream: str, scenario: str) -> list[str]:
    """Return the events of a stream of Bedrock, one a line."""
    return (ANSWERS / f"{upstream}.{scenario}.jsonl").read_text("utf-8").splitlines()


def scenarios() -> list[tuple[str, str]]:
    """All answers that are kept whole and as a stream."""
    files = sorted([*ANSWERS.glob("*.sse"), *ANSWERS.glob("*.jsonl")])
    names = [tuple(file.name.split(".")[:2]) for file in files]
    return [(upstream, scenario) for upstream, scenario in names if (ANSWERS / f"{upstream}.{scenario}.json").exists()]


def _framed(line: dict[str, object]) -> bytes:
    ((name, payload),) = line.items()
    told = json.dumps(payload).encode()
    return exception(name[1:], told) if name.startswith("!") else event(name, told)
