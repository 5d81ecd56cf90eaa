"""Requests as bytes, good and bad, each with what must come of it: `corpus.txt` beside this file.

A line is a name, what comes of it, and the bytes, with tabs between; bytes are written as in Python, and `{500*x}` is
x five hundred times. What comes of it are the answers in turn and whether the connection goes on: for each request that
an application was given, its method, path and body, as it would echo them; a number for what the server says itself.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "corpus.txt"
BETWEEN = " | "
OPEN, CLOSED = "open", "closed"
SERVED = frozenset({"100", "200"})
"""What is said while a request is served; an answer to HEAD has no body that would say to what."""
_TIMES = re.compile(r"\{(\d+)\*(.+?)\}")
_RUN = re.compile(r"((?:\\x..|\\.|[^\\]){1,10}?)\1{24,}")


@dataclass(frozen=True)
class Case:
    """One case; the last of `comes` is `open` or `closed`."""

    name: str
    comes: tuple[str, ...]
    data: bytes

    @property
    def refused(self) -> bool:
        """Whether the server itself said no."""
        return any(one.isdigit() and one not in SERVED for one in self.comes)

    @property
    def given(self) -> tuple[str, ...]:
        """What an application was given."""
        return tuple(one for one in self.comes[:-1] if not one.isdigit())


def read() -> dict[str, Case]:
    """Return the cases by name."""
    lines = (line.split("\t") for line in FILE.read_text("ascii").splitlines() if not line.startswith("#"))
    return {name: Case(name, tuple(comes.split(BETWEEN)), unescaped(data)) for name, comes, data in lines}


def write(cases: dict[str, Case]) -> None:
    """Write the cases."""
    lines = [f"{case.name}\t{BETWEEN.join(case.comes)}\t{escaped(case.data)}\n" for case in cases.values()]
    FILE.write_text("".join(lines), "ascii")


def escaped(data: bytes) -> str:
    """Return bytes as text, runs of the same as `{times*part}`."""
    text = "".join(chr(one) if 32 <= one < 127 and one != 92 else _escape(one) for one in data)
    return _RUN.sub(lambda run: f"{{{len(run[0]) // len(run[1])}*{run[1]}}}", text)


def unescaped(text: str) -> bytes:
    """Return the bytes of a text."""
    whole = _TIMES.sub(lambda run: run[2] * int(run[1]), text)
    return codecs.escape_decode(whole.encode("ascii"))[0]


def _escape(one: int) -> str:
    return {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}.get(one, f"\\x{one:02x}")
