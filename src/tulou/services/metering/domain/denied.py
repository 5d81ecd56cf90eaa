"""Denied requests, put together: one entry for all that a caller was denied alike."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tulou.contracts.metering.messages import Entry

OTHER = "other"
"""Stands for all callers beyond those that are told of by name."""
COUNT, FIRST, LAST = "count", "first", "last"


def together(denied: Iterable[Entry], *, most: int) -> tuple[Entry, ...]:
    """Return an entry for each caller, model and reason; those beyond `most` are one, which names nobody.

    One that stands for several is the first of them, with how many there were and when as its tags.
    """
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in denied:
        # who has no key is told of by address already
        place = (entry.tenant, entry.principal, entry.key, entry.model, entry.code, "" if entry.key else entry.id)
        groups.setdefault(place, []).append(entry)
    named = list(groups.values())
    rest = [entry for group in named[most:] for entry in group]
    told = [_as_one(group) for group in named[:most]]
    return (*told, *([_of_nobody(rest)] if rest else []))


def _as_one(group: Sequence[Entry]) -> Entry:
    first, last = group[0], group[-1]
    if len(group) == 1:
        return first
    return replace(first, tags=((COUNT, str(len(group))), (FIRST, f"{first.at:.0f}"), (LAST, f"{last.at:.0f}")))


def _of_nobody(rest: Sequence[Entry]) -> Entry:
    one = _as_one(sorted(rest, key=lambda entry: entry.at))
    return replace(one, tenant="", project="", principal=OTHER, key="", model="", request_id="")
