"""Answers and stream events as this dialect writes them."""

import msgspec

from tulou.services.gateway.dialects.counts import Count, PartIndex
from tulou.services.gateway.dialects.errors import VendorFault
from tulou.services.gateway.dialects.reading import NOTHING


class Details(msgspec.Struct):
    """What the tokens of an answer were."""

    thinking_tokens: Count | None = None


class CacheCreation(msgspec.Struct):
    """What was written to the cache, by how long it stays there."""

    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class ServerTools(msgspec.Struct):
    """What the vendor's own tools did."""

    web_search_requests: Count | None = None


class Usage(msgspec.Struct):
    """Tokens; `input_tokens` leaves out what was read from the cache or written to it."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    output_tokens_details: Details | None = None
    cache_creation: CacheCreation | None = None
    server_tool_use: ServerTools | None = None


class Block(msgspec.Struct):
    """A part of an answer, or how it begins."""

    type: str
    text: str = ""
    thinking: str = ""
    signature: str | None = None
    data: str = ""
    id: str = ""
    name: str = ""
    input: msgspec.Raw = NOTHING
    citations: list[msgspec.Raw] | None = None


class Delta(msgspec.Struct):
    """More of a part, or how the whole message ended."""

    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    citation: msgspec.Raw = NOTHING
    stop_reason: str | None = None
    stop_sequence: str | None = None


class Message(msgspec.Struct):
    """A whole answer, or how one begins."""

    id: str = ""
    type: str = ""
    model: str = ""
    content: list[msgspec.Raw] = []
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: msgspec.Raw = NOTHING
    error: VendorFault | None = None


class StreamEvent(msgspec.Struct):
    """One event of a stream; those of unknown types are left out, as the documents ask for."""

    type: str
    index: PartIndex = 0
    message: Message | None = None
    content_block: msgspec.Raw = NOTHING
    delta: Delta | None = None
    usage: msgspec.Raw = NOTHING
    error: VendorFault | None = None
