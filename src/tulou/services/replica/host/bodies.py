"""The parts of OpenAI's request bodies that plain engines can honour; what they cannot is refused, never ignored."""

from typing import Any

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.ports.engine import Sampling

MOST_TEXTS = 2048
MOST_TOKENS = 300_000
"""Of all texts of a request together that come as tokens, as at OpenAI: they are made words again first."""

ANY_OBJECT = '{"type": "object"}'


@message
class ChatBody:
    """A chat completion that is asked for."""

    messages: list[dict[str, Any]]
    model: str = ""
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None
    tools: list[Any] | None = None
    tool_choice: Any = None
    n: int | None = None
    logprobs: bool | None = None


@message
class EmbeddingBody:
    """Vectors that are asked for."""

    input: str | list[Any]
    model: str = ""
    encoding_format: str | None = None
    dimensions: int | None = None


def read_chat(body: bytes) -> ChatBody:
    """Return the request; raise `InvalidError` that names the field for anything this engine cannot do."""
    try:
        chat = msgspec.json.decode(body, type=ChatBody)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidError(f"the body is not a chat completion request: {error}") from error
    if not chat.messages:
        raise InvalidError("messages is empty; send at least one", param="messages")
    if chat.tools and chat.tool_choice != "none":
        raise InvalidError("this engine cannot call tools; deploy the model on engine llamacpp", param="tools")
    if (chat.n or 1) != 1:
        raise InvalidError(f"n is {chat.n}; this engine gives one choice a request", param="n")
    if chat.logprobs:
        raise InvalidError("this engine gives no logprobs", param="logprobs")
    return chat


def conversation(chat: ChatBody) -> list[dict[str, object]]:
    """Return the messages with plain text as content."""
    return [{**said, "content": _text(said.get("content"), index)} for index, said in enumerate(chat.messages)]


def sampling(chat: ChatBody) -> Sampling:
    """Return how tokens are to be chosen; raise `InvalidError` outside of OpenAI's ranges."""
    temperature = _within("temperature", chat.temperature, 2.0)
    stop = (chat.stop,) if isinstance(chat.stop, str) else tuple(chat.stop or ())
    limit = chat.max_completion_tokens if chat.max_completion_tokens is not None else chat.max_tokens
    if limit is not None and limit < 1:
        raise InvalidError(f"max_tokens is {limit}; ask for at least one", param="max_tokens")
    return Sampling(
        max_tokens=limit or 0,
        temperature=temperature,
        top_p=_within("top_p", chat.top_p, 1.0),
        seed=chat.seed,
        stop=tuple(one for one in stop if one),
        json_schema=_schema(chat.response_format),
    )


def read_embedding(body: bytes) -> tuple[EmbeddingBody, list[str | list[int]]]:
    """Return the request, and its texts as words or as tokens; raise `InvalidError` that names the field."""
    try:
        wanted = msgspec.json.decode(body, type=EmbeddingBody)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidError(f"the body is not an embeddings request: {error}") from error
    texts = _texts(wanted.input)
    if len(texts) > MOST_TEXTS:
        raise InvalidError(f"input has {len(texts)} texts; send at most {MOST_TEXTS} at a time", param="input")
    if sum(len(text) for text in texts if not isinstance(text, str)) > MOST_TOKENS:
        raise InvalidError(f"input has more than {MOST_TOKENS} tokens; send less at a time", param="input")
    if wanted.encoding_format not in {None, "float", "base64"}:
        raise InvalidError(f"encoding_format {wanted.encoding_format!r}: float or base64", param="encoding_format")
    return wanted, texts


def _texts(given: str | list[Any]) -> list[str | list[int]]:
    """Return each text, as words or as tokens; a list of numbers is one text."""
    try:
        return [given] if isinstance(given, str) else msgspec.convert(_listed(given), list[str | list[int]])
    except msgspec.ValidationError as error:
        raise InvalidError("input must be a text, its tokens, or a list of either", param="input") from error


def _listed(given: list[Any]) -> list[Any]:
    if not given or [] in given:
        raise InvalidError("input is empty; send a text or its tokens", param="input")
    return [given] if isinstance(given[0], int) else given


def _text(content: object, index: int) -> str:
    """Join the text parts of a message."""
    if content is None or isinstance(content, str):
        return content or ""
    try:
        parts = msgspec.convert(content, type=list[dict[str, Any]])
        if any(part.get("type") != "text" for part in parts):
            raise InvalidError("this model reads text only", param=f"messages[{index}].content")
        return "".join(str(part["text"]) for part in parts)
    except (msgspec.ValidationError, KeyError) as error:
        raise InvalidError("content is neither text nor a list of parts", param=f"messages[{index}].content") from error


def _within(name: str, value: float | None, most: float) -> float:
    if value is None:
        return 1.0
    if not 0 <= value <= most:
        raise InvalidError(f"{name} is {value:g}; it lies between 0 and {most:g}", param=name)
    return value


def _schema(wanted: dict[str, Any] | None) -> str | None:
    match wanted:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return ANY_OBJECT
        case {"type": "json_schema", "json_schema": {"schema": schema}}:
            return msgspec.json.encode(schema).decode()
        case _:
            raise InvalidError(
                "response_format: text, json_object or json_schema with a schema", param="response_format"
            )
