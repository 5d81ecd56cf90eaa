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

    # the functions themselves: a request reads the clock ten times, and a call of our own around each costs as much
    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)
