"""How large a drill is: the same code, small beside the other tests and full on its own."""

import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Amounts of a drill; times in seconds.

    attack_s: how long an attack goes on at most
    quiet_s: how long the modest tenant is watched before the first attack
    pause_s: how long it is watched again before each
    share: what part of its full strength an attack has
    requests: how many requests are made while processes are killed; `kills` so many of them, one every `every_s`
    """

    attack_s: float
    quiet_s: float
    pause_s: float
    share: float
    requests: int
    kills: int
    every_s: float
    full: bool = False

    def of(self, full: int) -> int:
        """Return how many of something there are that are `full` in the full drill."""
        return max(1, round(full * self.share))


SMALL = Size(attack_s=0.8, quiet_s=1.5, pause_s=0.0, share=0.1, requests=300, kills=4, every_s=1.5)
FULL = Size(attack_s=10.0, quiet_s=10.0, pause_s=4.0, share=1.0, requests=9_000, kills=84, every_s=7.0, full=True)


def size() -> Size:
    """Return the size that `TULOU_DRILLS` asks for."""
    return FULL if os.environ.get("TULOU_DRILLS") == "full" else SMALL


def interpreter() -> str:
    """Return the interpreter of the tree whose house is drilled."""
    return os.environ.get("TULOU_DRILLS_PYTHON", sys.executable)
