"""The shapes in which models write calls as text, and what is in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from tulou.services.gateway.stack.tool_calls.schema import passes

TEXT_CAP = 64 * 1024
"""Characters of a text that is read as a call; a longer one is none."""
CALLS_CAP = 128

_FENCE = (re.compile(r"```(?:json|tool_calls?)?"), "```")
_TAG = (re.compile(r"<tool_call>"), "</tool_call>")
_NAMED_TAG = (re.compile(r"<function=([^<>\s]{1,256})>"), "</function>")
_MISTRAL = "[TOOL_CALLS]"
_MISTRAL_NAMED = re.compile(r"\s*([^\s\[\]{}]{1,256})(?:\[CALL_ID\][^\[\]{}]*)?\[ARGS\](.*)", re.DOTALL)
_PYTHON = "<|python_tag|>"
_ENDS = ("<|eom_id|>", "<|eot_id|>", "<|im_end|>", "</s>")
_OPENERS = ("```json", "```tool_calls", "```tool_call", "```", "<tool_call>", _MISTRAL, _PYTHON, "<function=")
_FREE = (_MISTRAL, "<function=")
"""Behind these a name may stand before the JSON begins."""
_ARGUMENTS = ("arguments", "parameters")
_BESIDE = frozenset({"name", "type", "id", *_ARGUMENTS})

Object = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call: `arguments` is a JSON object as text."""

    name: str
    arguments: str


def may_begin_call(text: str) -> bool:
    """Return whether a call may be what a text begins with; most answers are told apart by their first letter."""
    return begins_call(text) is not False


def begins_call(text: str) -> bool | None:
    """Return whether a text begins as a call does, None while it is too short to say."""
    begun = text.lstrip()
    if not begun or any(opener.startswith(begun) for opener in _OPENERS):
        return None
    opener = next((each for each in _OPENERS if begun.startswith(each)), "")
    return True if opener in _FREE else _json_begins(begun[len(opener) :])


def read_calls(text: str, tools: Mapping[str, object]) -> list[WrittenCall]:
    """Return the calls that a text consists of, none if anything else stands there.

    Each must name one of the *tools*, by name -> schema, and its arguments must pass that schema.
    """
    if len(text) > TEXT_CAP or not may_begin_call(text):
        return []
    calls: list[WrittenCall] = []
    for item in _items(text):
        call = _call(item, tools)
        if call is None or len(calls) == CALLS_CAP:
            return []
        calls.append(call)
    return calls


def _json_begins(text: str) -> bool | None:
    begun = text.lstrip()
    follows = {"": "", "{": '"', "[": "{"}.get(begun[:1])
    if follows is None:
        return False
    inner = begun[1:].lstrip()
    return inner[0] == follows if inner else None


def _items(text: str) -> Iterator[object]:
    """Yield what may be a call each; None for anything else."""
    text = text.strip()
    for end in _ENDS:
        text = text.removesuffix(end).rstrip()
    for kind in (_FENCE, _TAG):
        blocks, rest = _cut(text, *kind)
        if blocks:
            yield from _alone(rest, (item for _, inner in blocks for item in _decoded(inner)))
            return
    blocks, rest = _cut(text, *_NAMED_TAG)
    if blocks:
        yield from _alone(rest, (_named(opener[1], inner) for opener, inner in blocks))
    elif text.startswith(_MISTRAL):
        for part in text.split(_MISTRAL)[1:]:
            given = _MISTRAL_NAMED.fullmatch(part)
            yield from [_named(given[1], given[2])] if given else _decoded(part)
    else:
        yield from _decoded(text.removeprefix(_PYTHON))


def _cut(text: str, opener: re.Pattern[str], closer: str) -> tuple[list[tuple[re.Match[str], str]], str]:
    """Return the blocks of a text with what opens each, and what stands around them; each character is seen once."""
    blocks: list[tuple[re.Match[str], str]] = []
    around: list[str] = []
    at = 0
    while (found := opener.search(text, at)) is not None and (end := text.find(closer, found.end())) >= 0:
        around.append(text[at : found.start()])
        blocks.append((found, text[found.end() : end]))
        at = end + len(closer)
    return blocks, "".join((*around, text[at:]))


def _alone(rest: str, items: Iterator[object]) -> Iterator[object]:
    """Yield the items if nothing stands around their blocks."""
    yield from items if not rest.strip() else [None]


def _named(name: str, arguments: str) -> object:
    decoded = list(_decoded(arguments))
    return {"name": name, "arguments": decoded[0]} if len(decoded) == 1 else None


def _decoded(text: str) -> Sequence[object]:
    """Return the objects of a JSON text: one, or those of a list."""
    try:
        value: object = msgspec.json.decode(text.strip())
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return [None]
    if isinstance(value, dict) and list(cast("Object", value)) == ["tool_calls"]:
        value = cast("Object", value)["tool_calls"]
    if isinstance(value, list):
        return cast("list[object]", value) or [None]
    return [cast("object", value)]


def _call(item: object, tools: Mapping[str, object]) -> WrittenCall | None:
    if not isinstance(item, dict):
        return None
    fields = cast("Object", item)
    inner = fields.get("function")
    if isinstance(inner, dict) and fields.keys() <= {"type", "function", "id"}:
        fields = cast("Object", inner)
    name, given = fields.get("name"), [fields[key] for key in _ARGUMENTS if key in fields]
    if not isinstance(name, str) or name not in tools or len(given) != 1 or not fields.keys() <= _BESIDE:
        return None
    if fields.get("type", "function") != "function":
        return None
    arguments = _object(given[0])
    if arguments is None or not passes(arguments, tools[name]):
        return None
    return WrittenCall(name, msgspec.json.encode(arguments).decode())


def _object(arguments: object) -> Object | None:
    """Return arguments, which some models write as a text that holds an object."""
    if isinstance(arguments, str):
        decoded = _decoded(arguments or "{}")
        arguments = decoded[0] if len(decoded) == 1 else None
    return cast("Object", arguments) if isinstance(arguments, dict) else None
