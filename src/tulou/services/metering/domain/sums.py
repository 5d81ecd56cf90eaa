"""What is added up, and for whom."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from hashlib import blake2b
from operator import add, sub
from typing import NamedTuple

from tulou.contracts.metering.messages import Dimension, Entry, Units
from tulou.services.metering.domain.entries import is_denied, is_failed, is_unpriced, model_of

MINUTE, HOUR, DAY = 60, 3_600, 86_400

DIMENSIONS: tuple[Dimension, ...] = (
    "tenant",
    "project",
    "principal",
    "key",
    "model",
    "served_by",
    "provider",
    "endpoint",
    "batch",
    "upstream_model",
)
UNITS = tuple(unit.name for unit in fields(Units))
SUMS = ("requests", "refused", "failed", "unpriced", "unpriced_tokens", "priced_by_name", *UNITS, "cost")
"""What is summed, in the order of the numbers of a `Sums`."""

BY_NAME = ("deployment", "route")

Dims = tuple[str, ...]
"""A value for each of `DIMENSIONS`."""

Sums = tuple[int, ...]
"""A number for each of `SUMS`."""


class RollupRow(NamedTuple):
    """One row of a roll-up: when its minute, hour or day begins, whose it is, and the number of its dimensions."""

    start: int
    tenant: str
    dim: int


def dims_of(entry: Entry) -> Dims:
    """Return what an entry is summed by."""
    return (
        entry.tenant,
        entry.project,
        entry.principal,
        entry.key,
        model_of(entry),
        entry.served_by,
        entry.provider,
        entry.endpoint,
        "true" if entry.batch else "",
        entry.upstream_model,
    )


def number_of(dims: Dims, salt: int) -> int:
    """Return the number that stands for dimensions in roll-ups: 63 bits of a digest, another one for each salt.

    Made, not drawn from a counter, so that ingests that run at once agree without asking one another.
    """
    digest = blake2b("\0".join((*dims, str(salt))).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def sums_of(entry: Entry) -> Sums:
    """Return what one entry adds. An attempt that another one followed uses units, but is no request."""
    units = entry.units
    final = entry.final
    unpriced = is_unpriced(entry)
    return (
        int(final),
        int(final and is_denied(entry)),
        int(final and is_failed(entry)),
        int(unpriced),
        units.input + units.output if unpriced else 0,
        int(entry.priced_by in BY_NAME),
        units.input,
        units.output,
        units.cached,
        units.cache_written,
        units.reasoning,
        units.audio_input,
        units.audio_output,
        units.images,
        units.searches,
        units.characters,
        units.seconds,
        units.cache_written_hour,
        entry.cost,
    )


def difference_of(new: Entry, old: Entry) -> Sums:
    """Return what another price of an entry adds."""
    return tuple(map(sub, sums_of(new), sums_of(old)))


def add_up(parts: Iterable[tuple[RollupRow, Sums]]) -> dict[RollupRow, Sums]:
    """Return the sum of what falls on each cell."""
    total: dict[RollupRow, Sums] = {}
    for cell, sums in parts:
        before = total.get(cell)
        total[cell] = sums if before is None else tuple(map(add, before, sums))
    return total


def coarser(cells: dict[RollupRow, Sums], begin: Callable[[int], int]) -> dict[RollupRow, Sums]:
    """Return the same sums for what begins as `begin` says: hours, days or months."""
    return add_up((cell._replace(start=begin(cell.start)), sums) for cell, sums in cells.items())
