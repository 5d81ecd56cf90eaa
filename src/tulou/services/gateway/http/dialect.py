"""OpenAI's request bodies: what the gateway itself must know of them. Unknown fields pass through untouched."""

import re
from types import MappingProxyType

import msgspec

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.http.tools import check_tools
from tulou.services.gateway.refusals import MalformedError, WrongTypeError
from tulou.services.gateway.stack.forcing import Forced, forced

PREFIX_CHARACTERS = 1024
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"missing required field `([^`]+)`")
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|([^.\[\]]+)")

Text = str | list[str | int | list[int]]
Anything = dict[str, msgspec.Raw]


class StreamOptions(msgspec.Struct):
    """How a stream is to be written."""

    include_usage: bool | None = None


class Message(msgspec.Struct):
    """One turn of a conversation; tool calls and names are the engine's to read."""

    role: str
    content: str | list[Anything] | None = None


class Asked(msgspec.Struct, kw_only=True):
    """What all endpoints have in common."""

    model: str
    user: str | None = None

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as a stream."""
        return False

    @property
    def has_options(self) -> bool:
        """Whether the body has a field `stream_options`."""
        return False

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for token counts in its stream."""
        return False

    @property
    def forced(self) -> Forced | None:
        """The tools that are named to be used; raise `InvalidError` for one that the request does not bring."""
        return None

    def affinity(self, hash_by: str) -> str:
        """Return what keeps related requests together, nothing when the request does not say."""
        if hash_by == "prefix":
            return self.prefix()[:PREFIX_CHARACTERS]
        return self.user or "" if hash_by == "user" else ""

    def prefix(self) -> str:
        """Return how the prompt begins."""
        return ""


class Generating(Asked, kw_only=True):
    """What the two endpoints that generate text have in common; ranges are the engine's to check."""

    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as a stream."""
        return self.stream is True

    @property
    def has_options(self) -> bool:
        """Whether the body has a field `stream_options`."""
        return self.stream_options is not None

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for token counts in its stream."""
        return self.stream_options is not None and self.stream_options.include_usage is True


class Chat(Generating, kw_only=True):
    """POST /v1/chat/completions."""

    messages: list[Message]
    max_completion_tokens: int | None = None
    tools: list[Anything] | None = None
    tool_choice: str | Anything | None = None
    response_format: Anything | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None

    @property
    def forced(self) -> Forced | None:
        """The tools that are named to be used; raise `InvalidError` for one that the request does not bring."""
        return forced(self.tool_choice, self.tools or ()) if isinstance(self.tool_choice, dict) else None

    def prefix(self) -> str:
        """Return how the conversation begins."""
        return "\n".join(f"{turn.role}:{turn.content}" for turn in self.messages[:4])


class Completion(Generating, kw_only=True):
    """POST /v1/completions."""

    prompt: Text
    suffix: str | None = None
    echo: bool | None = None

    def prefix(self) -> str:
        """Return how the prompt begins."""
        return self.prompt if isinstance(self.prompt, str) else repr(self.prompt[:1])


class Embeddings(Asked, kw_only=True):
    """POST /v1/embeddings."""

    input: Text
    encoding_format: str | None = None
    dimensions: int | None = None

    def prefix(self) -> str:
        """Return how the first text begins."""
        return self.input if isinstance(self.input, str) else repr(self.input[:1])


_DECODERS: MappingProxyType[Endpoint, msgspec.json.Decoder[Asked]] = MappingProxyType(
    {
        "chat": msgspec.json.Decoder(Chat),
        "completions": msgspec.json.Decoder(Completion),
        "embeddings": msgspec.json.Decoder(Embeddings),
    }
)


def read(endpoint: Endpoint, body: bytes) -> Asked:
    """Return what a body asks; raise `MalformedError`, or `WrongTypeError` with the place of what is wrong."""
    try:
        asked = _DECODERS[endpoint].decode(body)
    except msgspec.ValidationError as error:
        raise _wrong_type(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"the body is not JSON: {error}") from error
    if isinstance(asked, Chat) and asked.tools:
        check_tools(asked.tools)
    return asked


def _wrong_type(words: str) -> WrongTypeError:
    place = _PLACE.search(words)
    path = place[1] if place else ""
    if missing := _MISSING.search(words):
        path = f"{path}.{missing[1]}" if path else missing[1]
    pointer = "".join(f"/{number or name}" for number, name in _STEP.findall(path))
    said = _PLACE.sub("", words)
    message = f"{path or 'the body'}: {said[:1].lower()}{said[1:]}"
    return WrongTypeError(message, param=path or None, pointer=pointer)
