"""For how long events at a gateway waited for its loop, as the watch in it has noted (`hook/lag.py`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

HOOK = Path(__file__).parent / "hook"
GATEWAYS = "gateway-*.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """One event that waited: for how long, what of that the loop computed, and was without a processor (milliseconds).

    `doing` are the functions that it was in, as often as somebody looked.
    """

    at: float
    late: float
    computed: float
    waited: float
    doing: tuple[str, ...] = ()


NONE = Lag(at=0.0, late=0.0, computed=0.0, waited=0.0)
_LAG = msgspec.json.Decoder(Lag)


def watching(folder: Path, *, python_path: str = "") -> Mapping[str, str]:
    """Return the environment in which the processes of a house are watched, and write into a folder."""
    return {"TULOU_DRILLS_LAG": str(folder), "PYTHONPATH": f"{HOOK}:{python_path}".rstrip(":")}


def longest(folder: Path, began: float, ended: float) -> tuple[Lag, float]:
    """Return the event for which a gateway computed the most before it was taken, and the longest wait of any."""
    found = list(_between(folder, began, ended))
    most = max(found, key=lambda lag: lag.computed, default=NONE)
    return most, max((lag.waited for lag in found), default=0.0)


def _between(folder: Path, began: float, ended: float) -> Iterator[Lag]:
    for file in folder.glob(GATEWAYS):
        for line in file.read_bytes().splitlines(keepends=True):
            if line.endswith(b"}\n") and began <= (lag := _LAG.decode(line)).at <= ended:
                yield lag
