"""What the gate answers, as OpenAI's clients know it; replicas may add fields of their own."""

from typing import Literal

from msgspec import UNSET, Raw, Struct, UnsetType

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.stack.failure import Kind

Finish = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]


class ServedModel(Struct):
    """A model that the key may use; `created` is Unix seconds, `context_length` in tokens."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    endpoints: list[Endpoint]
    context_length: int | UnsetType = UNSET


class ServedModels(Struct):
    """The models that the key may use, by name."""

    object: Literal["list"]
    data: list[ServedModel]


class AnthropicModel(Struct):
    """A model that the key may use, in Anthropic's shape; `created_at` as RFC 3339 has it."""

    type: Literal["model"]
    id: str
    display_name: str
    created_at: str
    lifecycle: Literal["active"]
    max_input_tokens: int | None


class AnthropicModels(Struct):
    """A page of the models that the key may use, the newest first."""

    data: list[AnthropicModel]
    has_more: bool
    first_id: str | None
    last_id: str | None


class CompletionUsage(Struct):
    """Tokens read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CalledFunction(Struct):
    """A function's name and its arguments as JSON text; both come in pieces in a stream."""

    name: str | UnsetType | None = UNSET
    arguments: str | UnsetType = UNSET


class ToolCall(Struct):
    """A tool that the model wants called; in a stream `index` says which one a piece belongs to."""

    function: CalledFunction
    id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    index: int | UnsetType = UNSET


class Answer(Struct):
    """A message of the model, or in a stream the next piece of it."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType | None = UNSET
    reasoning_content: str | UnsetType | None = UNSET
    tool_calls: list[ToolCall] | UnsetType | None = UNSET


class ChatChoice(Struct):
    """One answer."""

    index: int
    message: Answer
    finish_reason: Finish
    logprobs: dict[str, Raw] | UnsetType | None = UNSET


class ChatCompletion(Struct):
    """The answer to a conversation."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: CompletionUsage | UnsetType = UNSET
    system_fingerprint: str | UnsetType | None = UNSET


class ChunkChoice(Struct):
    """The next piece of one answer."""

    index: int
    delta: Answer
    finish_reason: Finish | None
    logprobs: dict[str, Raw] | UnsetType | None = UNSET


class ChatCompletionChunk(Struct):
    """One event of a streamed answer; the last has no choices but `usage`, if the request asked for it."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: CompletionUsage | UnsetType | None = UNSET
    system_fingerprint: str | UnsetType | None = UNSET


class TextChoice(Struct):
    """One continuation, or in a stream the next piece of it."""

    index: int
    text: str
    finish_reason: Finish | None
    logprobs: dict[str, Raw] | UnsetType | None = UNSET


class TextCompletion(Struct):
    """The continuation of a text; each event of a stream has the same shape."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoice]
    usage: CompletionUsage | UnsetType | None = UNSET
    system_fingerprint: str | UnsetType | None = UNSET


class Embedding(Struct):
    """The vector of one text: numbers, or with `encoding_format` "base64" little-endian 32-bit floats."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingUsage(Struct):
    """Tokens read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(Struct):
    """The vectors, in the order of the texts."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


class Response(Struct):
    """An answer of the responses API; `output` are messages, calls of tools and reasoning."""

    id: str
    object: Literal["response"]
    created_at: int | float
    status: Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
    model: str
    output: list[dict[str, Raw]]
    usage: dict[str, Raw] | UnsetType | None = UNSET
    error: dict[str, Raw] | UnsetType | None = UNSET
    previous_response_id: str | UnsetType | None = UNSET
    store: bool | UnsetType | None = UNSET


class ResponseEvent(Struct):
    """An event of a streamed response; what else it has depends on its type."""

    type: str
    sequence_number: int


class ResponseItems(Struct):
    """Items that came with a request."""

    object: Literal["list"]
    data: list[dict[str, Raw]]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedResponse(Struct):
    """A response is gone."""

    id: str
    object: Literal["response"]
    deleted: bool


class Message(Struct):
    """An answer of Anthropic's messages; `content` are blocks of text, thinking and calls of tools."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Raw]]
    stop_reason: str | None
    usage: dict[str, Raw]
    stop_sequence: str | UnsetType | None = UNSET


class MessageEvent(Struct):
    """An event of a streamed message; what else it has depends on its type."""

    type: str


class TokenCount(Struct):
    """How many tokens a prompt has; the header `x-tulou-counted` says who counted."""

    input_tokens: int


class Ranked(Struct):
    """A document's place; `index` counts from 0 in the order of the request."""

    index: int
    relevance_score: float
    document: dict[str, Raw] | str | UnsetType | None = UNSET


class Ranking(Struct):
    """Documents, the most relevant first."""

    results: list[Ranked]


class Moderated(Struct):
    """What was found in one text."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]


class Moderations(Struct):
    """What was found in each text."""

    id: str
    model: str
    results: list[Moderated]


class Tokens(Struct):
    """The tokens of a text; with pieces, where those were asked for."""

    tokens: list[int | dict[str, Raw]]
    count: int


class TokensText(Struct):
    """The text of tokens, by both names that clients look for."""

    content: str
    prompt: str


class Attempt(Struct):
    """A replica that was tried in vain; `status` and `said` are its own, 0 and empty when it sent none."""

    replica: str
    outcome: Kind
    took_ms: float
    status: int
    said: str


class UpstreamWords(Struct):
    """What the upstream of the last attempt said, where it said something."""

    status: int
    code: str | None
    message: str | None


class Refusal(Struct):
    """What was wrong: `code` is stable, `message` says what next; `pointer` is the JSON Pointer of the field."""

    message: str
    type: str
    param: str | None
    code: str
    pointer: str | UnsetType = UNSET
    upstream: UpstreamWords | UnsetType = UNSET
    attempts: list[Attempt] | UnsetType = UNSET


class RefusalReply(Struct):
    """The body of every answer of the gate that is not a success, and the data of an `error` event in a stream."""

    error: Refusal


class AnthropicRefusal(Struct):
    """What was wrong, in Anthropic's words."""

    type: str
    message: str


class AnthropicRefusalReply(Struct):
    """The body of every answer on Anthropic's paths that is not a success."""

    type: Literal["error"]
    error: AnthropicRefusal
    request_id: str | UnsetType | None = UNSET


class Health(Struct):
    """The process lives."""

    status: Literal["ok"]


class Readiness(Struct):
    """Whether requests can be answered, and by which snapshot."""

    status: Literal["ready", "draining", "waiting for the first snapshot"]
    revision: int | None


class Running(Struct):
    """What runs here, and which gateway process answered."""

    name: str
    version: str
    process: str
