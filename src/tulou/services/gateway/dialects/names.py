"""Names of tools that an upstream does not take: shortened for it, and restored in what it answers.

The same name becomes the same everywhere: in tools, in the choice among them, in calls of earlier turns. Eight digits
of its SHA-256 (FIPS 180-4) keep apart what would be one after cutting, and more of them what still is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.services.gateway.dialects.dialect import EventReader, UpstreamDialect
from tulou.services.gateway.dialects.events import CallStarted, Event
from tulou.services.gateway.dialects.prompt import Part, Prompt, ToolCall, ToolResult, Turn

DIGITS = 8
Renamed = Mapping[str, str]
NONE: Renamed = MappingProxyType({})


class Rule(NamedTuple):
    """What names an upstream takes: how long they may be, what fits, and what of others does not."""

    length: int
    fit: re.Pattern[str]
    unfit: re.Pattern[str]


_PLAIN = re.compile(r"[^a-zA-Z0-9_-]")
_OPENAI = Rule(64, re.compile(r"[a-zA-Z0-9_-]{1,64}"), _PLAIN)
RULES: Mapping[UpstreamName, Rule] = MappingProxyType(
    {
        "openai": _OPENAI,
        "responses": _OPENAI,
        "anthropic": Rule(128, re.compile(r"[a-zA-Z0-9_-]{1,128}"), _PLAIN),
        "gemini": Rule(64, re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}"), re.compile(r"[^a-zA-Z0-9_.:-]")),
        "bedrock": Rule(64, re.compile(r"[a-zA-Z0-9_-]{1,64}"), _PLAIN),
    }
)
"""As the vendors' references of functions and tools say; servers that take more are not harmed by less."""


def fitted(prompt: Prompt, rule: Rule) -> tuple[Prompt, Renamed]:
    """Return a request whose names an upstream takes, and what each new one was; both as they are if all fit."""
    names = list(dict.fromkeys(_names(prompt)))
    others = [name for name in names if rule.fit.fullmatch(name) is None]
    if not others:
        return prompt, NONE
    taken = set(names).difference(others)
    short: dict[str, str] = {}
    for name in others:
        short[name] = _short(name, rule, taken)
        taken.add(short[name])
    return _renamed(prompt, short), {new: old for old, new in short.items()}


def _names(prompt: Prompt) -> Iterator[str]:
    for tool in prompt.tools:
        yield tool.name
    if prompt.tool_choice is not None:
        yield from prompt.tool_choice.names
    for turn in prompt.turns:
        if turn.role != "system":
            for part in turn.parts:
                if isinstance(part, ToolCall | ToolResult) and part.name:
                    yield part.name


def _short(name: str, rule: Rule, taken: set[str]) -> str:
    mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    begin = rule.unfit.sub("_", name)
    if not begin[:1].isalpha():
        begin = f"_{begin}"
    for digits in range(DIGITS, rule.length - 1):
        made = f"{begin[: rule.length - 1 - digits]}_{mark[:digits]}"
        if made not in taken:
            return made
    return mark[: rule.length]


def _renamed(prompt: Prompt, short: Renamed) -> Prompt:
    choice = prompt.tool_choice
    if choice is not None and choice.names:
        choice = msgspec.structs.replace(choice, names=tuple(short.get(name, name) for name in choice.names))
    return msgspec.structs.replace(
        prompt,
        tools=tuple(msgspec.structs.replace(tool, name=short.get(tool.name, tool.name)) for tool in prompt.tools),
        tool_choice=choice,
        turns=tuple(_turn(turn, short) for turn in prompt.turns),
    )


def _turn(turn: Turn, short: Renamed) -> Turn:
    return msgspec.structs.replace(turn, parts=tuple(_part(part, short) for part in turn.parts))


def _part(part: Part, short: Renamed) -> Part:
    if isinstance(part, ToolCall | ToolResult) and part.name in short:
        return msgspec.structs.replace(part, name=short[part.name])
    return part


def restoring(inner: UpstreamDialect, names: Renamed) -> UpstreamDialect:
    """Return a dialect that tells calls by the names that the client gave its tools."""

    def read_answer(body: bytes) -> Sequence[Event]:
        return restored(inner.read_answer(body), names)

    return replace(inner, read_answer=read_answer, reader=lambda: _Reader(inner.reader(), names))


class _Reader:
    def __init__(self, inner: EventReader, names: Renamed) -> None:
        self._inner = inner
        self._names = names

    def feed(self, data: bytes) -> Sequence[Event]:
        """Return the events that are complete now; raise `ValueError` for what the dialect does not allow."""
        return restored(self._inner.feed(data), self._names)

    def end(self) -> Sequence[Event]:
        """Return what is left when the stream ends."""
        return restored(self._inner.end(), self._names)


def restored(events: Sequence[Event], names: Renamed) -> Sequence[Event]:
    """Return the events with the names that were sent to the gate."""
    return [
        msgspec.structs.replace(event, name=names.get(event.name, event.name))
        if isinstance(event, CallStarted)
        else event
        for event in events
    ]
