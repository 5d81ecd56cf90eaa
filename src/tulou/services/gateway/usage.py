"""What answers take, and how it is estimated where nobody has counted."""

from collections.abc import Sequence
from typing import NamedTuple

from tulou.services.gateway.dialects.events import CallPiece, CallStarted, Event, TextPiece, ThoughtPiece, Used
from tulou.services.gateway.dialects.prompt import Prompt, TextPart, ThoughtPart, ToolCall, ToolResult

BYTES_A_TOKEN = 4
"""The rule of estimates: a token is about four bytes of UTF-8, in every language; pictures and sounds count none."""


class Usage(NamedTuple):
    """What an answer took, as `Units` are counted: a tuple, because one is made for every request."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    images: int = 0
    searches: int = 0
    characters: int = 0
    seconds: int = 0
    cache_written_hour: int = 0


def used(event: Used) -> Usage:
    """Return what an upstream has counted."""
    return Usage(
        input=event.input,
        output=event.output,
        cached=event.cached,
        cache_written=event.cache_written,
        reasoning=event.reasoning,
        audio_input=event.audio_input,
        audio_output=event.audio_output,
        searches=event.searches,
        cache_written_hour=event.cache_written_hour,
    )


def event_of(usage: Usage) -> Used:
    """Return counts as a client is told them."""
    return Used(
        input=usage.input,
        output=usage.output,
        cached=usage.cached,
        cache_written=usage.cache_written,
        reasoning=usage.reasoning,
        audio_input=usage.audio_input,
        audio_output=usage.audio_output,
    )


def tokens_in(size: int) -> int:
    """Estimate the tokens in a text of so many bytes."""
    return -(-size // BYTES_A_TOKEN)


def estimated_input(prompt: Prompt) -> int:
    """Estimate the tokens of a prompt: all its words, and its tools."""
    said = sum(_size(part) for turn in prompt.turns for part in turn.parts)
    tools = sum(len(tool.name) + len(tool.description) + len(bytes(tool.parameters or b"")) for tool in prompt.tools)
    return tokens_in(said + tools)


def written_size(events: Sequence[Event]) -> int:
    """Return how many bytes of text the events bring."""
    return sum(size_of(event) for event in events)


def size_of(event: Event) -> int:
    """Return how many bytes of text an event brings."""
    match event:
        case TextPiece(text=text) | ThoughtPiece(text=text):
            return len(text.encode())
        case CallPiece(arguments=text) | CallStarted(name=text):
            return len(text.encode())
        case _:
            return 0


def _size(part: object) -> int:
    match part:
        case TextPart(text=text) | ThoughtPart(text=text):
            return len(text.encode())
        case ToolCall(name=name, arguments=arguments):
            return len(name.encode()) + len(arguments.encode())
        case ToolResult(parts=parts):
            return sum(_size(inner) for inner in parts)
        case _:
            return 0
