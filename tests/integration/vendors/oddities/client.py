"""What a client made of an answer: its words, its counts, how it ended, and what is wrong with it as an answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Json = dict[str, Any]
_ENDS, _LINES = re.compile(r"\r?\n\r?\n|\r\r"), re.compile(r"\r\n|\n|\r")
NO_JSON = "an event is no JSON"
ENDS = frozenset({"message_stop", "response.completed", "response.incomplete", "response.failed"})


@dataclass
class Received:
    """`ended` says whether an answer came to an end of its own, `error` what it told instead."""

    status: int
    text: str = ""
    usage: Mapping[str, Any] | None = None
    ended: bool = False
    error: str = ""
    problems: list[str] = field(default_factory=list[str])


def whole(path: str, status: int, body: bytes) -> Received:
    """Return what a whole answer says."""
    received = Received(status)
    try:
        said = _decoded(body)
    except (ValueError, RecursionError) as error:
        received.problems.append(f"the answer is no JSON: {error}")
        return received
    if not isinstance(said, dict):
        received.problems.append("the answer is no object")
    elif status != 200:
        _fault(received, cast("Json", said))
    else:
        _take(received, path, cast("Json", said))
        received.ended = True
    return received


def stream(status: int, body: bytes) -> Received:
    """Return what a stream says."""
    received = Received(status)
    for event in _ENDS.split(body.decode("utf-8", "replace")):
        lines = [line.removeprefix("data:") for line in _LINES.split(event) if line.startswith("data:")]
        payload = "\n".join(lines).strip()
        if payload == "[DONE]":
            received.ended = True
        elif payload:
            _event(received, payload)
    if not received.ended and not received.error:
        received.problems.append("the stream neither ends nor says why not")
    return received


def _decoded(text: bytes | str) -> object:
    """Return JSON as most clients read it; it knows no NaN."""
    return json.loads(text, parse_constant=_no_number)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _event(received: Received, payload: str) -> None:
    try:
        said = _decoded(payload)
    except (ValueError, RecursionError) as error:
        received.problems.append(f"{NO_JSON}: {error}")
        return
    if not isinstance(said, dict):
        received.problems.append("an event is no object")
        return
    event = cast("Json", said)
    if event.get("error"):
        _fault(received, event)
    received.ended = received.ended or event.get("type") in ENDS
    received.text += _words(received, event)
    _count(received, event)
    response = event.get("response")
    if isinstance(response, dict):
        _count(received, cast("Json", response))


def _count(received: Received, said: Json) -> None:
    """Take counts that are some; what is passed through as a vendor wrote it may have others."""
    usage = said.get("usage")
    if isinstance(usage, dict) and usage:
        received.usage = cast("Json", usage)


def _words(received: Received, event: Json) -> str:
    """Return the words of an event; a chat that says why it ends has ended, whatever follows."""
    delta = event.get("delta")
    if event.get("type") == "response.output_text.delta":
        return delta if isinstance(delta, str) else ""
    if isinstance(delta, dict):
        text = cast("Json", delta).get("text")
        return text if isinstance(text, str) else ""
    choices = event.get("choices")
    first = cast("list[Any]", choices)[0] if isinstance(choices, list) and choices else None
    if isinstance(first, dict) and cast("Json", first).get("finish_reason"):
        received.ended = True
    delta = cast("Json", first).get("delta") if isinstance(first, dict) else None
    text = cast("Json", delta).get("content") if isinstance(delta, dict) else None
    return text if isinstance(text, str) else ""


def _take(received: Received, path: str, said: Json) -> None:
    _count(received, said)
    try:
        match path:
            case "messages":
                text = "".join(block.get("text", "") for block in said["content"])
            case "responses":
                text = "".join(part.get("text", "") for item in said["output"] for part in item.get("content", ()))
            case _:
                text = said["choices"][0]["message"].get("content") or ""
    except (KeyError, IndexError, TypeError, AttributeError):
        text = ""
    received.text = text if isinstance(text, str) else ""


def _fault(received: Received, said: Json) -> None:
    fault = said.get("error")
    if not isinstance(fault, dict):
        received.error = str(fault)
        received.problems.append(f"the error is no object: {fault!r}"[:200])
        return
    error = cast("Json", fault)
    received.error = str(error.get("message"))
    if not isinstance(error.get("message"), str) or not error["message"]:
        received.problems.append("the error has no message")
    if not isinstance(error.get("code"), str | None):
        received.problems.append(f"the error's code is {error.get('code')!r}"[:200])
