"""A server process that is started, waited for, killed and started again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

READY_S = 120.0
STOP_S = 60.0
PORTS = range(20_000, 32_000)
"""Below those that the kernel gives to outgoing connections: a server that is down for a moment keeps its port."""


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that no other caller gets before this process has ended."""
    for port in PORTS:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0tulou-test-port-{port}")  # one name for the whole machine, which goes with the process
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        claim.detach()
        return port
    raise RuntimeError(f"no free port from {PORTS.start} to {PORTS.stop}")


class ServerProcess:
    """One program with its log; `user` is whom it runs as when the tests run as root."""

    def __init__(self, command: Sequence[str], *, log: Path, user: str = "", port: int) -> None:
        self._command = command
        self._log = log
        self._user = user if user and os.geteuid() == 0 else ""
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once its port answers."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start it without waiting."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user or None,
                group=self._user or None,
                extra_groups=[] if self._user else None,
            )

    def wait_ready(self) -> None:
        """Return once its port answers."""
        self.wait_until(self._answers)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return once the condition is true; raise `RuntimeError` with the log when that takes too long."""
        end = time.monotonic() + READY_S
        while not condition():
            gone = self._process is None or self._process.poll() is not None
            if gone or time.monotonic() > end:
                raise RuntimeError(
                    f"{self._command[0]} did not start: {self._log.read_text('utf-8', 'replace')[-2000:]}"
                )
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal and wait until it is gone."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_S)
        self._process = None

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        return True
