"""A Redis server, from Debian's package `redis-server`, that keeps every write on disk."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tulou.testing.servers.process import ServerProcess, free_port


class RedisServer:
    """One server with an append-only file that is synced at every write."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        options = {"port": port, "bind": "127.0.0.1", "dir": folder, "appendonly": "yes", "appendfsync": "always"}
        command = ["redis-server", *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
        self._process = ServerProcess(command, log=folder / "log", port=port)

    def start(self) -> None:
        """Start, reading back what was written."""
        self._process.start()

    def crash(self) -> None:
        """Kill it."""
        self._process.stop(signal.SIGKILL)

    def stop(self) -> None:
        """End it for good: what it keeps is thrown away."""
        self.crash()


@contextmanager
def redis_server() -> Generator[RedisServer]:
    """Run a server as long as the block runs."""
    with TemporaryDirectory(prefix="tulou-redis-") as name:
        server = RedisServer(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()
