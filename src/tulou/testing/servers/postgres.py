"""A PostgreSQL server, from Debian's package `postgresql`."""

import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tulou.testing.servers.process import ServerProcess, free_port

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root

# Tests crash the process, never the machine: what the kernel holds is as good as on disk, and much faster.
OPTIONS = ("-c", "max_connections=50", "-c", "fsync=off")


class PostgresServer:
    """A cluster with the superuser `tulou` and no password."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self._data = folder / "data"
        self.url = f"postgresql://tulou@127.0.0.1:{port}/postgres"
        command = [program("postgres"), "-D", str(self._data), "-p", str(port), "-k", "", *OPTIONS]
        self._process = ServerProcess(command, log=folder / "log", user=ACCOUNT, port=port)
        _as_account(["initdb", "-D", str(self._data), "-U", "tulou", "-A", "trust", "-E", "UTF8", "--no-sync"])

    def start(self) -> None:
        """Start, and recover if need be."""
        self._process.launch()
        self._process.wait_until(self._is_ready)

    def crash(self) -> None:
        """End at once, without a checkpoint: the next start recovers from the log."""
        self._process.stop(signal.SIGQUIT)

    def stop(self) -> None:
        """End for good: what it keeps is thrown away."""
        self.crash()

    def _is_ready(self) -> bool:
        """Say whether it answers questions: its port is open long before."""
        return subprocess.run([program("pg_isready"), "-q", "-d", self.url], check=False, timeout=120).returncode == 0  # noqa: S603 - our own command

    def new_database(self, name: str) -> str:
        """Make an empty database and return its URL."""
        subprocess.run([program("psql"), "-q", self.url, "-c", f"CREATE DATABASE {name}"], check=True, timeout=120)  # noqa: S603 - our own command
        return self.url.removesuffix("postgres") + name


@contextmanager
def postgres_server() -> Generator[PostgresServer]:
    """Run a server as long as the block runs."""
    with TemporaryDirectory(prefix="tulou-postgres-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, ACCOUNT, ACCOUNT)
        server = PostgresServer(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def program(name: str) -> str:
    """Return the path of one of the server's programs."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(beside[-1]) if beside else name)


def _as_account(command: list[str]) -> None:
    root = os.geteuid() == 0
    subprocess.run(  # noqa: S603 - our own command
        [program(command[0]), *command[1:]],
        check=True,
        capture_output=True,
        timeout=120,
        user=ACCOUNT if root else None,
        group=ACCOUNT if root else None,
        extra_groups=[] if root else None,
    )
