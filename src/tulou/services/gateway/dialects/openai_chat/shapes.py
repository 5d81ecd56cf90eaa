"""Answers as upstreams write them; what no upstream is sure to write may be absent or null."""

import msgspec

from tulou.services.gateway.dialects.counts import ChoiceIndex, Count, rest_of
from tulou.services.gateway.dialects.errors import VendorFault
from tulou.services.gateway.dialects.reading import NOTHING, present


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
    """Tokens read and written; some servers have the names of Anthropic, or of OpenAI's responses, for them."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    total_tokens: Count | None = None
    prompt_tokens_details: ReadDetails | None = None
    completion_tokens_details: WrittenDetails | None = None
    prompt_cache_hit_tokens: Count | None = None
    cached_tokens: Count | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None

    @property
    def read(self) -> int:
        """The tokens of the prompt."""
        return self.prompt_tokens or self.input_tokens or 0

    @property
    def written(self) -> int:
        """The tokens of the answer; where they are not said, what the total leaves."""
        return self.completion_tokens or self.output_tokens or rest_of(self.total_tokens, self.read)

    @property
    def cached(self) -> int:
        """The tokens that came from the cache: DeepSeek and Moonshot have fields of their own for them."""
        return self.prompt_cache_hit_tokens or self.cached_tokens or 0


class Function(msgspec.Struct):
    """A function's name and its arguments as JSON text, or more of it; some servers write an object."""

    name: str | None = None
    arguments: str | dict[str, msgspec.Raw] | None = None

    @property
    def text(self) -> str:
        """The arguments' JSON text."""
        given = self.arguments
        return msgspec.json.encode(given).decode() if isinstance(given, dict) else given or ""


class Custom(msgspec.Struct):
    """A tool that takes a text as it is, and that text."""

    name: str = ""
    input: str = ""


class Call(msgspec.Struct):
    """A call of a tool, or a piece of one; custom tools are called in whole answers alone."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None
    custom: Custom | None = None


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
    """One of the answers, or a piece of it; vLLM and SGLang say in `stop_reason` which sequence was met.

    Moonshot writes the counts of a stream into its last choice.
    """

    index: ChoiceIndex = 0
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    stop_reason: object = None
    logprobs: msgspec.Raw = NOTHING
    usage: msgspec.Raw = NOTHING


class Groq(msgspec.Struct):
    """What Groq says beside: the counts of a stream."""

    usage: msgspec.Raw = NOTHING


class Answer(msgspec.Struct):
    """An answer, a piece of one, or an error, which older servers write without an object of its own."""

    id: str | None = None
    model: str | None = None
    created: float | None = None
    choices: list[Choice] | None = None
    usage: msgspec.Raw = NOTHING
    error: VendorFault | str | None = None
    object: str | None = None
    x_groq: Groq | None = None

    @property
    def counts(self) -> msgspec.Raw:
        """The counts as they are written, wherever that is."""
        if present(self.usage) is not None:
            return self.usage
        beside = (self.x_groq.usage,) if self.x_groq is not None else ()
        nested = (choice.usage for choice in self.choices or ())
        return next((raw for raw in (*beside, *nested) if present(raw) is not None), self.usage)
