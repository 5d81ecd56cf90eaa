"""Words to systemd, for a process that runs under it with `Type=notify`: sd_notify(3), without its library."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

ADDRESS, WATCHDOG_PID, WATCHDOG_S = "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"
VARIABLES = frozenset({ADDRESS, WATCHDOG_PID, WATCHDOG_S})
"""What the supervisor keeps from its children: systemd watches it alone, and it watches them."""


class Systemd:
    """Silent where nobody listens; a word that cannot be delivered is lost."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get(ADDRESS, "")
        watched = environment.get(WATCHDOG_PID, str(os.getpid())) == str(os.getpid())
        self._watches = WATCHDOG_S in environment and watched

    def ready(self) -> None:
        """Say that the process serves."""
        self._send(b"READY=1")

    def beat(self) -> None:
        """Say that the process lives, if `WatchdogSec=` asks for it."""
        if self._watches:
            self._send(b"WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the process finishes what it has begun."""
        self._send(b"STOPPING=1")

    def _send(self, word: bytes) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(0)
            line.connect("\0" + self._address[1:] if self._address.startswith("@") else self._address)
            line.send(word)
