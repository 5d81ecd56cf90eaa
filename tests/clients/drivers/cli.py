"""Runs a command-line agent with a home of its own, and reads the events that it prints."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.clients.drivers import harness

Json = dict[str, Any]
WITHIN_S = 120.0
PACKAGES = Path(__file__).parents[1] / "node_modules"
NODE = PACKAGES / f"node-linux-{'arm64' if os.uname().machine == 'aarch64' else 'x64'}" / "bin" / "node"


def workplace() -> Path:
    """Return an empty folder below the client's home."""
    return Path(tempfile.mkdtemp(dir=os.environ["HOME"]))


def run(command: Sequence[str], where: Path, said: str = "", **more: str) -> tuple[int, list[Json], str]:
    """Return the command's exit code, the events on its standard output, and all that it said."""
    done = subprocess.run(
        command,
        cwd=where,
        env=environment(more),
        input=said,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    return done.returncode, events(done.stdout), done.stdout + done.stderr


def events(text: str) -> list[Json]:
    """Return the lines that are JSON objects."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def interrupted(command: Sequence[str], where: Path, begun: Callable[[], None], **more: str) -> None:
    """Interrupt the command once its request has begun, as Ctrl-C does."""
    process = subprocess.Popen(
        command,
        cwd=where,
        env=environment(more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        begun()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(WITHIN_S)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment(more: dict[str, str]) -> dict[str, str]:
    """Return what the command sees: its home, and nothing of the machine's own settings."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}
    return kept | {"HOUSE_KEY": harness.KEY, "TERM": "dumb", "NO_COLOR": "1"} | more
