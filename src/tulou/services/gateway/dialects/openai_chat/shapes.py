"""Answers as upstreams write them; what no upstream is sure to write may be absent or null."""

import msgspec

from tulou.services.gateway.dialects.counts import ChoiceIndex, Count
from tulou.services.gateway.dialects.errors import Fault
from tulou.services.gateway.dialects.reading import NOTHING


class ReadDetails(msgspec.Struct):
    """What the tokens of a prompt were."""

    cached_tokens: Count | None = None
    cache_write_tokens: Count | None = None
    audio_tokens: Count | None = None


class WrittenDetails(msgspec.Struct):
    """What the tokens of an answer were."""

    reasoning_tokens: Count | None = None
    audio_tokens: Count | None = None


class Usage(msgspec.Struct):
    """Tokens read and written."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    total_tokens: Count | None = None
    prompt_tokens_details: ReadDetails | None = None
    completion_tokens_details: WrittenDetails | None = None
    prompt_cache_hit_tokens: Count | None = None


class Function(msgspec.Struct):
    """A function's name and its arguments as JSON text, or more of it."""

    name: str | None = None
    arguments: str | None = None


class Call(msgspec.Struct):
    """A call of a tool, or a piece of one."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None


class Piece(msgspec.Struct):
    """Words."""

    text: str = ""


class Part(msgspec.Struct):
    """A part of content that comes as a list, as Mistral's reasoning models write it."""

    text: str = ""
    thinking: list[Piece] = []


class Detail(msgspec.Struct):
    """Reasoning with what proves it, as OpenRouter and this gate write it."""

    type: str | None = None
    text: str | None = None
    summary: str | None = None
    signature: str | None = None
    data: str | None = None
    format: str | None = None


class Delta(msgspec.Struct):
    """A message, or a piece of one."""

    content: str | list[Part] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: object = None
    reasoning_details: list[Detail] | None = None
    tool_calls: list[Call] | None = None
    annotations: list[msgspec.Raw] | None = None


class Choice(msgspec.Struct):
    """One of the answers, or a piece of it; vLLM and SGLang say in `stop_reason` which sequence was met."""

    index: ChoiceIndex = 0
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    stop_reason: object = None
    logprobs: msgspec.Raw = NOTHING


class Answer(msgspec.Struct):
    """An answer, a piece of one, or an error, which older servers write without an object of its own."""

    id: str | None = None
    model: str | None = None
    created: float | None = None
    choices: list[Choice] | None = None
    usage: msgspec.Raw = NOTHING
    error: Fault | str | None = None
    object: str | None = None
