"""What the tests of the confinement run: one behaviour for each word."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

PIECE = b"x" * (1 << 20)


def echo() -> None:
    sys.stdout.buffer.write(sys.stdin.buffer.read())
    sys.stderr.write("to the log")


def environment() -> None:
    sys.stdout.write(json.dumps(dict(os.environ)))


def limits() -> None:
    names = {"cpu": resource.RLIMIT_CPU, "memory": resource.RLIMIT_AS, "core": resource.RLIMIT_CORE}
    sys.stdout.write(json.dumps({name: resource.getrlimit(number)[0] for name, number in names.items()}))


def memory(size: str) -> None:
    bytearray(int(size))


def spin() -> None:
    while True:
        pass


def fill(path: str) -> None:
    with Path(path).open("wb") as file:
        while True:
            file.write(PIECE)


def flood(size: str) -> None:
    sys.stderr.buffer.write(b"begin")
    for _ in range(int(size) // len(PIECE)):
        sys.stderr.buffer.write(PIECE)
        sys.stdout.buffer.write(PIECE)
    sys.stderr.buffer.write(b"last")


def gush(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    while True:
        sys.stdout.buffer.write(PIECE)


def leave(path: str) -> None:
    left = subprocess.Popen(["sleep", "600"])
    Path(path).write_text(str(left.pid))


def wait(path: str = "") -> None:
    if path:
        Path(path).write_text(str(os.getpid()))
    signal.pause()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
