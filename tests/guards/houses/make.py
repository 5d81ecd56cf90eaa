"""Stores a house of a version: `python -m tests.guards.houses.make NAME TREE`, where TREE is a checkout of it.

    git worktree add /tmp/tree COMMIT
    python -m tests.guards.houses.make COMMIT /tmp/tree

The version runs in this environment, from its own `src`; where it needs other packages, `--python` names the Python of
an environment that has them. A house with SQLite and one with PostgreSQL are filled, stopped and packed beside this
file, as `stored/NAME-sqlite.tar.xz` and `stored/NAME-postgres.tar.xz`, with all that they said of themselves.
"""

import argparse
import subprocess
import sys
import tarfile
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.guards.houses.facts import facts
from tests.guards.houses.furnish import REQUESTS, furnish
from tests.guards.houses.vendor import vendor
from tests.system.house import House, until
from tulou.testing import tiny_gguf
from tulou.testing.servers.postgres import postgres_server, program

STORED = Path(__file__).parent / "stored"
DUMP = "dump.sql"
LARGEST = 2 * 2**20
KEPT = ("tulou.db", "blobs", "secrets", "facts.json", DUMP)
"""Of a house's directory: what it keeps. Its logs, caches and sockets go with the processes."""


def make(name: str, tree: Path, python: str) -> None:
    """Store both houses of a version."""
    with TemporaryDirectory() as made, postgres_server() as postgres:
        folder = Path(made)
        for kind, url in (("sqlite", ""), ("postgres", postgres.new_database("stored"))):
            directory = folder / kind
            environment = {"PYTHONPATH": str(tree / "src")} | ({"TULOU_PORTS__DATABASE": url} if url else {})
            _fill(directory, environment, python)
            if url:
                _dump(url, directory / DUMP)
            _pack(directory, STORED / f"{name}-{kind}.tar.xz")


def _fill(directory: Path, environment: dict[str, str], python: str) -> None:
    weights = _small_weights(directory.with_suffix(".gguf"))
    with vendor() as url, House(directory, "--no-demo", environment=environment, python=python) as house:
        left = furnish(house, url, weights)
        with house.client() as http:
            until(lambda: len(http.get("/api/v1/ledger?limit=1000").json()["items"]) >= REQUESTS, what="the ledger")
        told = {"at": time.time(), "left": asdict(left), "facts": facts(house, left)}
        (directory / "facts.json").write_bytes(msgspec.json.encode(told))


def _small_weights(path: Path) -> Path:
    """Write a model of a hundred kilobytes, which is imported and never loaded."""
    tiny_gguf.HIDDEN = tiny_gguf.FEED_FORWARD = 64  # pyright: ignore[reportConstantRedefinition] - smaller than tests need it
    return tiny_gguf.write_tiny_gguf(path)


def _dump(url: str, file: Path) -> None:
    command = [program("pg_dump"), "--no-owner", "--file", str(file), url]
    subprocess.run(command, check=True, timeout=120)


def _pack(directory: Path, into: Path) -> None:
    STORED.mkdir(exist_ok=True)
    with tarfile.open(into, "w:xz") as packed:
        for name in KEPT:
            if (directory / name).exists():
                packed.add(directory / name, arcname=name)
    if into.stat().st_size > LARGEST:
        sys.exit(f"{into} has {into.stat().st_size} bytes, more than {LARGEST}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="of the version")
    parser.add_argument("tree", type=Path, help="a checkout of it")
    parser.add_argument("--python", default=sys.executable, help="of an environment that it runs in")
    arguments = parser.parse_args()
    make(arguments.name, arguments.tree.resolve(), arguments.python)


if __name__ == "__main__":
    main()
