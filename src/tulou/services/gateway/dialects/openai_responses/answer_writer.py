"""Writes whole answers."""

from collections.abc import Iterable

import msgspec

from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.events import Event, Finished
from tulou.services.gateway.dialects.folding import fold
from tulou.services.gateway.dialects.openai_responses.response import Frame


def write_answer(events: Iterable[Event], echo: Echo) -> bytes:
    """Return a whole response; one that failed says so itself."""
    folded = fold(events)
    frame = Frame(echo)
    choice = folded.choice()
    output: list[object] = []
    for place, piece in sorted(choice.places.items()):
        item = frame.item_of(piece, frame.item_id(piece, place))
        if item is not None:
            output.append(item)
    if folded.failed is not None:
        return msgspec.json.encode(frame.failed(output, folded.failed, folded.used))
    return msgspec.json.encode(frame.ended(output, Finished(reason=choice.reason), folded.used))
