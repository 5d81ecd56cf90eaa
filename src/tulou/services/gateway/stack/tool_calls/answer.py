"""Calls written as text become the calls of an answer."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from tulou.services.gateway.stack.tool_calls.offer import Offer
from tulou.services.gateway.stack.tool_calls.shapes import WrittenCall, may_begin_call, read_calls

Json = dict[str, Any]

_CUT = re.compile(r'\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments"\s*:\s*(.*)', re.DOTALL)
_ID_BYTES = 12
_FINISHED = frozenset({"stop", "tool_calls"})


def calls_in(text: str, offer: Offer, finish: object) -> Sequence[WrittenCall]:
    """Return the calls that an answer's text is; a forced one that was cut short is a call all the same."""
    if finish == "length" and offer.must:
        cut = _CUT.fullmatch(text)
        name = msgspec.json.decode(cut[1]) if cut else ""
        return [WrittenCall(name, cut[2])] if cut and name in offer.tools else []
    if finish not in _FINISHED:
        return []
    calls = read_calls(text, offer.tools)
    if offer.must and not calls:  # a grammar made it: what a schema leaves out that we would miss is not the model's
        calls = read_calls(text, dict.fromkeys(offer.tools, True))
    return [] if len(calls) > 1 and offer.only_one else calls


def tool_calls(calls: Sequence[WrittenCall]) -> list[Json]:
    """Return calls as a chat completion has them."""
    return [
        {
            "id": f"call_{secrets.token_hex(_ID_BYTES)}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in calls
    ]


def finish_of(finish: object) -> object:
    """Return why an answer with calls ended."""
    return finish if finish == "length" else "tool_calls"


def whole_answer(body: bytes, offer: Offer) -> bytes:
    """Return a whole answer with its calls as calls; untouched where there are none, or it cannot be read."""
    try:
        answer = msgspec.json.decode(body, type=Json)
        changed = [_changed(choice, offer) for choice in answer["choices"]]
    except (msgspec.MsgspecError, LookupError, TypeError, AttributeError, RecursionError):
        return body
    return msgspec.json.encode(answer) if any(changed) else body


def _changed(choice: Json, offer: Offer) -> bool:
    message: Json = choice["message"]
    text = message.get("content")
    if not isinstance(text, str) or message.get("tool_calls") or not (offer.must or may_begin_call(text)):
        return False
    calls = calls_in(text, offer, choice.get("finish_reason"))
    if calls:
        message |= {"content": None, "tool_calls": tool_calls(calls)}
        choice["finish_reason"] = finish_of(choice.get("finish_reason"))
    return bool(calls)
