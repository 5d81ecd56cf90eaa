"""What came of an attack, and what of that is out of bounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from tests.drills.lags import Lag
from tests.drills.measures import Kept
from tests.drills.size import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a house promises a modest tenant beside a hostile one.

    growth_mib: by how much a gateway may grow; left_mib: what it may keep of that, as allocators do
    control_mib: by how much control may grow, which reads documents and writes reports
    turn_ms: for how long a gateway may compute while an event waits for it
    rows: how many rows strangers may add, however many requests they make
    """

    growth_mib: float = 64.0
    left_mib: float = 24.0
    control_mib: float = 96.0
    turn_ms: float = 64.0
    rows: int = 250


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of so many requests."""

    requests: int
    p50: float
    p99: float

    @classmethod
    def of(cls, took: Sequence[float]) -> Self:
        """Return the percentiles."""
        ordered = sorted(took)
        if not ordered:
            return cls(0, 0.0, 0.0)
        last = len(ordered) - 1
        return cls(len(ordered), ordered[last // 2], ordered[round(last * 0.99)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Of one attack: growth in MiB, of the process that grew the most; `ended` processes are those that died."""

    attack: str
    stranger: bool
    asked: int
    quiet: Timing
    under_attack: Timing
    failures: tuple[str, ...]
    gateway_mib: float
    gateway_left_mib: float
    control_mib: float
    control_left_mib: float
    ended: int
    kept: Kept
    counted: bool
    """Whether what the modest tenant uses still counts against its limit."""
    crowded: bool
    """Whether the modest tenant finds no room for one more key."""
    took_s: float
    turn: Lag
    """Where a gateway computed for the longest time before it took the next event."""
    starved_ms: float
    """For how long a gateway waited for a processor at most, with an event that waited for it."""

    def troubles(self, size: Size) -> list[str]:
        """Say what is out of bounds; how fast it was counts only where the machine has nothing else to do."""
        return list(self._troubles(full=size.full))

    def _troubles(self, *, full: bool) -> Iterator[str]:
        if self.failures:
            yield f"{len(self.failures)} of the modest tenant's {self.under_attack.requests}: {self.failures[:3]}"
        if self.ended:
            yield f"{self.ended} processes of the house ended"
        if self.gateway_mib > BOUNDS.growth_mib:
            yield f"a gateway grew by {self.gateway_mib:.0f} MiB"
        if self.gateway_left_mib > BOUNDS.left_mib:
            yield f"a gateway still has {self.gateway_left_mib:.0f} MiB of what it grew"
        if self.control_mib > BOUNDS.control_mib:
            yield f"control grew by {self.control_mib:.0f} MiB"
        if not self.counted:
            yield "the modest tenant's limit is not counted any more"
        if self.crowded:
            yield "the modest tenant can make no more keys"
        if self.stranger and (rows := self.kept.ledger + self.kept.audit) > BOUNDS.rows:
            yield f"{self.asked} requests of strangers left {rows} rows"
        if full and self.turn.computed > BOUNDS.turn_ms:
            yield f"a gateway computed for {self.turn.computed:.0f} ms at a time: {self.turn.doing[:1]}"
