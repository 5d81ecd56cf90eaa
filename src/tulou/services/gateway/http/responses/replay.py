"""A finished response told again as the stream that it was: whole parts in place of many pieces."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

Json = dict[str, Any]


class CallEvents(NamedTuple):
    """Which field of a call comes in pieces, and in events of which name."""

    field: str
    event: str


CALLS = {
    "function_call": CallEvents("arguments", "function_call_arguments"),
    "custom_tool_call": CallEvents("input", "custom_tool_call_input"),
}


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
        call = CALLS.get(item.get("type", ""))
        empty: Json = {"content": []} if item.get("type") == "message" else {}
        started = item | {"status": "in_progress"} | ({call.field: ""} if call is not None else empty)
        yield {"type": "response.output_item.added", "output_index": index, "item": started}
        if item.get("type") == "message":
            yield from _message(item, place)
        elif call is not None:
            words = item.get(call.field, "")
            yield {"type": f"response.{call.event}.delta", **place, "delta": words}
            yield {"type": f"response.{call.event}.done", **place, call.field: words}
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
