"""Answers and stream events as upstreams write them."""

import msgspec

from tulou.services.gateway.dialects.counts import Count, PartIndex
from tulou.services.gateway.dialects.errors import VendorFault
from tulou.services.gateway.dialects.reading import NOTHING


class ReadDetails(msgspec.Struct):
    """What the tokens of a prompt were."""

    cached_tokens: Count | None = None
    cache_write_tokens: Count | None = None


class WrittenDetails(msgspec.Struct):
    """What the tokens of an answer were."""

    reasoning_tokens: Count | None = None


class Usage(msgspec.Struct):
    """Tokens read and written."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    total_tokens: Count | None = None
    input_tokens_details: ReadDetails | None = None
    output_tokens_details: WrittenDetails | None = None


class Part(msgspec.Struct):
    """A part of a message or of a thought."""

    type: str = ""
    text: str = ""
    refusal: str = ""
    annotations: list[msgspec.Raw] | None = None
    logprobs: list[msgspec.Raw] | None = None


class Item(msgspec.Struct):
    """An item of the output."""

    type: str
    id: str | None = None
    call_id: str = ""
    name: str = ""
    arguments: str | None = None
    input: str | None = None
    namespace: str | None = None
    content: list[Part] | None = None
    summary: list[Part] | None = None
    encrypted_content: str | None = None


class Incomplete(msgspec.Struct):
    """Why a response ended early."""

    reason: str | None = None


class Answer(msgspec.Struct):
    """A response, in any of its states."""

    id: str = ""
    object: str = ""
    model: str = ""
    created_at: float = 0
    status: str | None = None
    output: list[msgspec.Raw] = []
    usage: msgspec.Raw = NOTHING
    error: VendorFault | None = None
    incomplete_details: Incomplete | None = None


class StreamEvent(msgspec.Struct):
    """One event of a stream."""

    type: str
    response: Answer | None = None
    output_index: PartIndex = 0
    content_index: PartIndex = 0
    summary_index: PartIndex = 0
    item: msgspec.Raw = NOTHING
    delta: object = None
    annotation: msgspec.Raw = NOTHING
    logprobs: list[msgspec.Raw] | None = None
    message: str | None = None
    code: str | None = None
    error: VendorFault | None = None
