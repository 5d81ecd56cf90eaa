"""Counts what is refused again and again by the minute, so that a flood costs no rows and hides no real try.

The first refusals of a minute are told of at once, one for each subject; the rest as numbers when the minute is over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from tulou.kernel.clock import Clock
from tulou.kernel.errors import LimitedError

MINUTE = 60.0
SUBJECTS = 1_000
"""Subjects that are counted apart in a minute; what comes beyond them is counted together."""
TOLD = 20
"""Subjects of a minute that are told of by name: those that came first at once, those of most refusals at its end."""
OTHER = "other"
SUBJECT_CAP = 300


LIMITS = "x-tulou-limits"
"""The header of an answer that says what it limits: where it says `address`, a gateway answers alike for a while."""


class AddressLimitedError(LimitedError):
    """Too much came from one address: what else comes from there in the same way is answered alike until it may."""


class RefusedAddress(NamedTuple):
    """How often something was refused in a minute, beside what was told of at once; times are Unix seconds."""

    subject: str
    code: str
    times: int
    first: float
    last: float


class RefusalVerdict(NamedTuple):
    """What becomes of a refusal: whether it is told of at once, and how many seconds its subject waits, if any."""

    tell: bool
    wait_s: float


@dataclass(slots=True)
class _Row:
    count: int
    first: float
    last: float
    told: bool


class RefusalCounts:
    """Rows of the minute that goes on, and what is over and not taken yet; `free` of a subject need not wait."""

    def __init__(self, clock: Clock, *, free: int = 0, subjects: int = SUBJECTS, told: int = TOLD) -> None:
        self._clock = clock
        self._free = free
        self._subjects = subjects
        self._told = told
        self._minute = 0
        self._rows: dict[tuple[str, str], _Row] = {}
        self._over: list[RefusedAddress] = []

    def count(self, subject: str, code: str, *, times: int = 1) -> RefusalVerdict:
        """Count refusals, and say what becomes of them."""
        now = self._clock.now()
        self._turn(now)
        place = (subject[:SUBJECT_CAP], code)
        row = self._rows.get(place)
        if row is None and len(self._rows) >= self._subjects:
            place = (OTHER, "")
            row = self._rows.get(place)
        if row is None:
            tell = len(self._rows) < self._told
            self._rows[place] = _Row(times, now, now, tell)
            return RefusalVerdict(tell, 0.0)
        row.count += times
        row.last = now
        return RefusalVerdict(tell=False, wait_s=(self._minute + 1) * MINUTE - now if row.count > self._free else 0.0)

    def take(self, *, ending: bool = False) -> list[RefusedAddress]:
        """Return what was refused in minutes that are over, each once; with `ending` also of the one that goes on."""
        self._turn(self._clock.now(), ending=ending)
        over, self._over = self._over, []
        return over

    def _turn(self, now: float, *, ending: bool = False) -> None:
        minute = int(now // MINUTE)
        if minute != self._minute or ending:
            self._over = [*self._over, *self._summed()][-2 * (self._told + 1) :]
            self._minute, self._rows = minute, {}

    def _summed(self) -> Iterator[RefusedAddress]:
        """Yield the rows with most refusals, and the rest as one."""
        left = [(place, row) for place, row in self._rows.items() if row.count > row.told]
        left.sort(key=lambda one: (one[0][0] != OTHER, one[1].count), reverse=True)
        named = sum(subject != OTHER for (subject, _), _ in left[: self._told])
        for (subject, code), row in left[:named]:
            yield RefusedAddress(subject, code, row.count - row.told, row.first, row.last)
        if rest := [row for _, row in left[named:]]:
            count = sum(row.count - row.told for row in rest)
            yield RefusedAddress(OTHER, "", count, min(row.first for row in rest), max(row.last for row in rest))


def network_of(address: str) -> str:
    """Return what one client has for sure: an IPv4 address, or a /64 of IPv6, of which everybody has a whole one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)
