"""Run one of the children, kill it without warning in the middle of its work, and return what it had acknowledged."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def killed(child: str, argument: str, *, after: int) -> int:
    """Return the last number that was acknowledged, at least `after`."""
    command = [sys.executable, "-m", f"tests.conformance.children.{child}", argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        last = -1
        while last < after:
            line = process.stdout.readline()
            assert line, "the child ended by itself"
            last = int(line)
        process.kill()
        rest = process.stdout.read().splitlines()
    complete = [int(line) for line in rest if line]
    return complete[-1] if complete else last
