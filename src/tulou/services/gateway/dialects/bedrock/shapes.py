"""Answers and stream events as this dialect writes them: of the members of a union one is there."""

import msgspec

from tulou.services.gateway.dialects.counts import Count, PartIndex
from tulou.services.gateway.dialects.reading import NOTHING


class ReasoningText(msgspec.Struct):
    """Reasoning, and what proves it."""

    text: str = ""
    signature: str | None = None


class Reasoning(msgspec.Struct, rename="camel"):
    """Reasoning in the open, or for its maker alone."""

    reasoning_text: ReasoningText | None = None
    redacted_content: str | None = None


class ToolUse(msgspec.Struct, rename="camel"):
    """A call."""

    tool_use_id: str = ""
    name: str = ""
    input: msgspec.Raw = NOTHING


class Source(msgspec.Struct):
    """Words that are cited, or words that cite."""

    text: str = ""


class Span(msgspec.Struct, rename="camel"):
    """A place: in a document, among what a search has found, or a page of the web."""

    document_index: int = 0
    search_result_index: int = 0
    start: int = 0
    end: int = 0
    url: str = ""


class Citation(msgspec.Struct, rename="camel"):
    """What is cited, and where it stands."""

    title: str | None = None
    source: str | None = None
    source_content: list[Source] | None = None
    location: dict[str, Span] | None = None


class Cited(msgspec.Struct):
    """Words that cite."""

    content: list[Source] = []
    citations: list[Citation] = []


class Block(msgspec.Struct, rename="camel"):
    """A part of a whole answer."""

    text: str | None = None
    tool_use: ToolUse | None = None
    reasoning_content: Reasoning | None = None
    citations_content: Cited | None = None
    image: msgspec.Raw = NOTHING
    audio: msgspec.Raw = NOTHING
    video: msgspec.Raw = NOTHING


class Message(msgspec.Struct):
    """What the model says."""

    content: list[Block] = []


class Output(msgspec.Struct):
    """The output of a whole answer."""

    message: Message | None = None


class CacheDetail(msgspec.Struct, rename="camel"):
    """What was written to the cache to stay there for so long."""

    ttl: str = ""
    input_tokens: Count | None = None


class Usage(msgspec.Struct, rename="camel"):
    """Tokens; `inputTokens` leaves out what was read from the cache or written to it."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_write_input_tokens: Count | None = None
    cache_details: list[CacheDetail] | None = None


class Answer(msgspec.Struct, rename="camel"):
    """A whole answer."""

    output: Output | None = None
    stop_reason: str | None = None
    usage: msgspec.Raw = NOTHING


class ToolDelta(msgspec.Struct):
    """More of a call's arguments."""

    input: str = ""


class ReasoningDelta(msgspec.Struct, rename="camel"):
    """More reasoning, or what proves it."""

    text: str | None = None
    signature: str | None = None
    redacted_content: str | None = None


class Delta(msgspec.Struct, rename="camel"):
    """More of a part."""

    text: str | None = None
    tool_use: ToolDelta | None = None
    reasoning_content: ReasoningDelta | None = None
    citation: Citation | None = None
    image: msgspec.Raw = NOTHING


class Start(msgspec.Struct, rename="camel"):
    """How a part begins: calls alone say so."""

    tool_use: ToolUse | None = None


class StreamEvent(msgspec.Struct, rename="camel"):
    """The payload of any event of a stream; which of its fields are there depends on the event's name."""

    content_block_index: PartIndex = 0
    start: Start | None = None
    delta: Delta | None = None
    stop_reason: str | None = None
    usage: msgspec.Raw = NOTHING
    message: str | None = None
