"""When each gateway of a house has put something in force, read from its log."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

WITHIN_S, POLL_S = 120.0, 0.02
T = TypeVar("T")


class Gateways:
    """Looks at how many keys, limits or models the gateways say that they know."""

    def __init__(self, directory: Path, what: Literal["keys", "limits", "models"]) -> None:
        self._files = sorted(directory.glob("log/gateway-?.log"))
        self._what = what

    def applied(self) -> Iterator[list[tuple[float, int]]]:
        """Yield, for each gateway, when it applied how many."""
        for file in self._files:
            events = [json.loads(line) for line in file.read_text().splitlines() if '"snapshot_applied"' in line]
            yield [(_seconds(event), event[self._what]) for event in events]

    def when(self, wanted: int, *, since: float) -> float | None:
        """Return when the last gateway had so many, or None."""
        found = [next((at for at, count in one if at >= since and count == wanted), None) for one in self.applied()]
        return None if None in found or not found else max(at for at in found if at is not None)

    def until(self, wanted: int, *, since: float) -> float:
        """Wait for that; raise `TimeoutError`."""
        return until(lambda: self.when(wanted, since=since), what=f"{wanted} {self._what} in every gateway")

    def count(self) -> int:
        """Return how many the gateway has that has fewest."""
        return min((one[-1][1] if one else 0 for one in self.applied()), default=0)


def until(condition: Callable[[], T | None], *, what: str) -> T:
    """Return what the condition gives once it does; raise `TimeoutError`."""
    deadline = time.monotonic() + WITHIN_S
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WITHIN_S:.0f} s: {what}")
        time.sleep(POLL_S)
    return found


def _seconds(event: dict[str, object]) -> float:
    return datetime.fromisoformat(str(event["ts"])).timestamp()
