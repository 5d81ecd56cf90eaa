"""Large updates in pieces, so that no process is busy with one of them for long."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from tulou.contracts.routing.messages import Update
from tulou.rules.routing.ring import PARTS

MANY = ("grants", "ended", "limits", "limits_ended")
PIECE = 2_000
"""Of each of `MANY` in one piece: to write or read so much takes a few milliseconds."""


def pieces(update: Update) -> Iterator[Update]:
    """Yield an update in pieces: all but the last say that there is more, and the last has all that is not many."""
    most = max(len(getattr(update, name)) for name in MANY)
    last = max(0, (most - 1) // PIECE)
    for number in range(last):
        yield replace(update, more=True, **dict.fromkeys(PARTS), **_cut(update, number))
    yield replace(update, **_cut(update, last)) if last else update


async def joined(updates: AsyncIterator[Update]) -> AsyncGenerator[Update]:
    """Yield updates put together again; one that was not told to its end is none."""
    told: list[Update] = []
    async for piece in updates:
        told.append(piece)
        if not piece.more:
            yield _join(told)
            told = []


def _cut(update: Update, number: int) -> dict[str, Any]:
    return {name: getattr(update, name)[number * PIECE : (number + 1) * PIECE] for name in MANY}


def _join(told: Sequence[Update]) -> Update:
    if len(told) == 1:
        return told[0]
    many = {name: tuple(chain.from_iterable(getattr(piece, name) for piece in told)) for name in MANY}
    return replace(told[-1], **many)
