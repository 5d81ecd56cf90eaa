"""What the vendor's model answers, whatever the dialect: it obeys orders in the last words of the user.

One order a line: `@call NAME JSON`, `@custom NAME TEXT`, `@think`, `@fail STATUS`, `@slow TAG`, `@recall`. Once the
results of its calls are there it says them, and whether its thought came back with them. Orders that cannot be obeyed,
since the tool was not offered, are refused.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Kept = Literal["", "kept", "lost"]

HELLO = "Hello from the model of the vendor."
THOUGHT = "The clock knows the time."
INPUT, CACHED, OUTPUT, REASONING = 20, 5, 9, 3
_ORDER = re.compile(r"^@([a-z]+)[ ]?(.*)$", re.MULTILINE)
_NAMED = re.compile(r"^(\S+) ?(.*)$", re.DOTALL)


class RefusedError(Exception):
    """A request that the vendor does not take."""

    def __init__(self, message: str, status: int = 400, *, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.param = param


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, as far as the model looks at it; `tools` by name, True for those that take a text as it is."""

    text: str
    said_before: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    tools: dict[str, tuple[bool, Json]] = field(default_factory=dict[str, tuple[bool, Json]])
    forced: str | None = None
    schema: Json | None = None
    kept: Kept = ""
    stream: bool = False


@dataclass(frozen=True)
class Call:
    """A call of a tool: its arguments as JSON text, or the text of a custom one."""

    id: str
    name: str
    arguments: str
    custom: bool = False


@dataclass(frozen=True)
class Reply:
    """What the model does."""

    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()
    slow: str = ""


def answer(asked: Asked, number: int) -> Reply:
    """Return what the model does about a request; raise `RefusedError` for what it is ordered to refuse."""
    orders = _ORDER.findall(asked.text)
    if asked.results:
        return Reply(text=_told(asked))
    if asked.forced is not None:
        return Reply(calls=(_forced(asked, number),))
    calls: list[Call] = []
    thought = slow = text = ""
    for order, given in orders:
        match order:
            case "call" | "custom":
                calls.append(_call(asked, order, given, f"call_{number}_{len(calls)}"))
            case "think":
                thought = THOUGHT
            case "slow":
                slow = given
            case "fail":
                raise RefusedError("the vendor fails as it is told", int(given))
            case "recall":
                text = "You said: " + " | ".join(asked.said_before)
            case _:
                raise RefusedError(f"no order {order!r}")
    if calls or slow or text:
        return Reply(text=text, thought=thought, calls=tuple(calls), slow=slow)
    return Reply(text=_words(asked), thought=thought)


def _told(asked: Asked) -> str:
    kept = f" Thought {asked.kept}." if asked.kept else ""
    return f"Results: {' | '.join(asked.results)}.{kept}"


def _words(asked: Asked) -> str:
    if asked.schema is not None:
        return json.dumps(filled(asked.schema))
    return f"I see {', '.join(asked.pictures)}." if asked.pictures else HELLO


def _call(asked: Asked, order: str, given: str, number: str) -> Call:
    found = _NAMED.match(given)
    name, words = (found[1], found[2]) if found else ("", "")
    name = next((tool for tool in asked.tools if tool == name or tool.endswith(f"__{name}")), name)
    if name not in asked.tools:
        raise RefusedError(f"no tool {name!r} was offered, only {', '.join(asked.tools) or 'none'}", param="tools")
    custom, _ = asked.tools[name]
    if order == "call":
        return Call(number, name, words or "{}")
    text = words.replace("\\n", "\n")
    return Call(number, name, text if custom else json.dumps({"input": text}), custom=custom)


def _forced(asked: Asked, number: int) -> Call:
    name = asked.forced or next(iter(asked.tools))
    if name not in asked.tools:
        raise RefusedError(f"tool_choice names {name!r}, which is not among the tools", param="tool_choice")
    custom, schema = asked.tools[name]
    return Call(f"call_{number}_0", name, "forced" if custom else json.dumps(filled(schema)), custom=custom)


def filled(schema: Json) -> Any:
    """Return a value of a JSON Schema: texts are `Fuzhou`, numbers 31, truths true."""
    match str(schema.get("type")):
        case "object":
            return {name: filled(inner) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return [filled(schema.get("items", {}))]
        case "integer" | "number":
            return 31
        case "boolean":
            return True
        case _:
            return "Fuzhou"
