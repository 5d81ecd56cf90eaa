"""Time, as something that is passed in and so can be moved by a test."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings of time, both in seconds."""

    def now(self) -> float:
        """Return the Unix time, for what is stored and shown."""
        ...

    def monotonic(self) -> float:
        """Return a reading that never goes back, for durations and deadlines."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Return the Unix time."""
        return time.time()

    def monotonic(self) -> float:
        """Return the machine's monotonic reading."""
        return time.monotonic()
