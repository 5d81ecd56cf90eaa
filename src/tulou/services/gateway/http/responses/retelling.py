"""A finished response told again as the stream that it was: whole parts in place of many pieces."""

from collections.abc import Iterator
from typing import Any

import msgspec

Json = dict[str, Any]


def retold(body: bytes, *, after: int = -1) -> bytes:
    """Return the events of a response, those whose sequence number is beyond `after`."""
    response: Json = msgspec.json.decode(body)
    frames = [
        b"event: %b\ndata: %b\n\n" % (event["type"].encode(), msgspec.json.encode(event | {"sequence_number": number}))
        for number, event in enumerate(_events(response))
        if number > after
    ]
    return b"".join(frames)


def _events(response: Json) -> Iterator[Json]:
    begun: Json = {**response, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response.get("output") or []):
        place = {"item_id": item.get("id", ""), "output_index": index}
        started = item | {"status": "in_progress"} | ({"content": []} if item.get("type") == "message" else {})
        yield {"type": "response.output_item.added", "output_index": index, "item": started}
        if item.get("type") == "message":
            yield from _message(item, place)
        elif item.get("type") == "function_call":
            told = {"arguments": item.get("arguments", "")}
            yield {"type": "response.function_call_arguments.delta", **place, "delta": told["arguments"]}
            yield {"type": "response.function_call_arguments.done", **place, **told}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{_ending(response)}", "response": response}


def _message(item: Json, place: Json) -> Iterator[Json]:
    for index, part in enumerate(item.get("content") or []):
        here = place | {"content_index": index}
        kind = "text" if part.get("type") == "output_text" else "refusal"
        empty = part | {kind: ""}
        yield {"type": "response.content_part.added", **here, "part": empty}
        name = "output_text" if kind == "text" else "refusal"
        yield {"type": f"response.{name}.delta", **here, "delta": part.get(kind, ""), "logprobs": []}
        yield {"type": f"response.{name}.done", **here, kind: part.get(kind, ""), "logprobs": []}
        yield {"type": "response.content_part.done", **here, "part": part}


def _ending(response: Json) -> str:
    status = response.get("status", "completed")
    return status if status in {"completed", "incomplete", "failed"} else "failed"
