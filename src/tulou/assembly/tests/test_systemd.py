"""Under systemd a process says that it serves, that it lives, and that it ends."""

import os
import socket
from pathlib import Path

from tulou.assembly.systemd import Systemd


def words(path: Path, environment: dict[str, str]) -> list[bytes]:
    """Return what is said over a whole life."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(0)
        systemd = Systemd({"NOTIFY_SOCKET": str(path)} | environment)
        systemd.ready()
        systemd.beat()
        systemd.stopping()
        said: list[bytes] = []
        while True:
            try:
                said.append(listener.recv(100))
            except BlockingIOError:
                return said


def test_a_process_that_is_watched_says_that_it_lives(tmp_path: Path) -> None:
    mine = {"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())}
    assert words(tmp_path / "notify", mine) == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_a_process_whose_parent_is_watched_says_nothing_in_its_place(tmp_path: Path) -> None:
    another = {"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid() + 1)}
    assert words(tmp_path / "notify", another) == [b"READY=1", b"STOPPING=1"]


def test_nobody_who_listens_is_no_failure(tmp_path: Path) -> None:
    for address in ("", str(tmp_path / "nothing"), "@nobody-listens-here"):
        Systemd({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1"}).beat()
