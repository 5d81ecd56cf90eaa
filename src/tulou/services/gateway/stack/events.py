"""What the gateway reads in the events and the whole answers of OpenAI-compatible engines: counts, texts, faults."""

import re

import msgspec

from tulou.services.gateway.dialects.counts import CountReader, bounded
from tulou.services.gateway.dialects.events import Miscounted, Used
from tulou.services.gateway.dialects.openai_chat.answer_reader import used as tokens_used
from tulou.services.gateway.dialects.openai_chat.shapes import Usage as Tokens
from tulou.services.gateway.dialects.reading import NOTHING, present
from tulou.services.gateway.dialects.sse import payload, split_events
from tulou.services.gateway.usage import Usage, used

DONE = b"[DONE]"
FAULT = b'"error"'
"""Inside of a text its quotes are escaped, so that this is always a key or a value."""

_USAGE = re.compile(rb'"usage"\s*:\s*\{')


class _Groq(msgspec.Struct):
    usage: msgspec.Raw = NOTHING


class _Choice(msgspec.Struct):
    usage: msgspec.Raw = NOTHING


class _Chunk(msgspec.Struct):
    usage: msgspec.Raw = NOTHING
    choices: list[_Choice | None] | None = None
    x_groq: _Groq | None = None

    @property
    def counts(self) -> msgspec.Raw:
        """The counts as they are written: beside the choices, in one of them (Moonshot), or apart (Groq)."""
        if present(self.usage) is not None:
            return self.usage
        others = (one.usage for one in (self.x_groq, *(self.choices or ())) if one is not None)
        return next((raw for raw in others if present(raw) is not None), NOTHING)


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: object = None


class _Tool(msgspec.Struct):
    function: _Function | None = None


class _Delta(msgspec.Struct):
    content: object = None
    reasoning_content: str | None = None
    reasoning: object = None
    refusal: str | None = None
    tool_calls: list[_Tool] | None = None

    def words(self) -> str:
        called = [part for tool in self.tool_calls or () for part in _called(tool.function)]
        thought = self.reasoning_content or _text(self.reasoning)
        return "".join([_text(self.content), thought, self.refusal or "", *called])


class _Piece(msgspec.Struct):
    delta: _Delta | None = None
    message: _Delta | None = None
    text: str | None = None

    def words(self) -> str:
        said = self.delta or self.message
        return (self.text or "") + (said.words() if said is not None else "")


class _Pieces(msgspec.Struct):
    choices: list[_Piece] | None = None


_PIECES = msgspec.json.Decoder(_Pieces)
_CHUNK = msgspec.json.Decoder(_Chunk)
_TOKENS = CountReader(Tokens)


class _Fault(msgspec.Struct):
    message: str = ""


class _Faulty(msgspec.Struct):
    error: _Fault | str | None = None


_FAULTY = msgspec.json.Decoder(_Faulty)


def fault_in(data: bytes) -> str:
    """Return what an event says that breaks a stream off, nothing where there is none."""
    for event in split_events(data):
        if FAULT not in event:
            continue
        try:
            error = _FAULTY.decode(payload(event)).error
        except msgspec.MsgspecError:
            continue
        if error is not None:
            return (error if isinstance(error, str) else error.message) or "the upstream broke off"
    return ""


def mentions_usage(data: bytes) -> bool:
    """Say whether there may be token counts in it; `"usage":null`, which some engines always send, does not count."""
    return b'"usage"' in data and _USAGE.search(data) is not None


def read_usage(event: bytes) -> tuple[Usage | Miscounted | None, bool]:
    """Return the counts of an event, and whether they are all it brings."""
    try:
        chunk = _CHUNK.decode(payload(event))
    except msgspec.MsgspecError:
        return None, False
    counts = _counts(chunk.counts)
    return counts, counts is not None and not chunk.choices


def written_size(events: bytes) -> int:
    """Return how many bytes of text complete events bring; those that cannot be read bring none."""
    return sum(_size(payload(event)) or 0 for event in split_events(events))


def text_size(body: bytes) -> int:
    """Return how many bytes of text a whole answer in OpenAI's shape brings; all of it where it cannot be read."""
    size = _size(body)
    return len(body) if size is None else size


def _size(body: bytes) -> int | None:
    try:
        pieces = _PIECES.decode(body).choices or ()
    except (msgspec.MsgspecError, RecursionError):
        return None
    return sum(len(piece.words().encode("utf-8", "replace")) for piece in pieces)


def _called(function: _Function | None) -> tuple[str, str]:
    return ("", "") if function is None else (function.name or "", _text(function.arguments))


def _text(value: object) -> str:
    """Return words; what is told as parts, or as an object, counts as its JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if value else ""


def scan_usage(body: bytes) -> Usage | Miscounted | None:
    """Find the counts in a whole answer; all of it is decoded only where they are not simple ones, or may be a part's.

    `"usage"` without a backslash is always a key or a value of its own; behind that of the answer itself one brace
    closes.
    """
    at = body.rfind(b'"usage"')
    if at < 0:
        return None
    begin = body.find(b"{", at)
    end = body.find(b"}", begin)
    simple = begin > 0 and body.find(b"{", begin + 1, end) < 0 and body[at + 7 : begin].strip() == b":"
    try:
        if simple and body.count(b"}", end + 1) == 1:
            return _counts(msgspec.Raw(body[begin : end + 1]))
        return _counts(_CHUNK.decode(body).counts)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _counts(raw: msgspec.Raw) -> Usage | Miscounted | None:
    tokens = _TOKENS.read(raw)
    if tokens is None or isinstance(tokens, Miscounted):
        return tokens
    if tokens.prompt_tokens_details is None and tokens.completion_tokens_details is None:
        return Usage(tokens.read, tokens.written, min(tokens.cached, tokens.read))
    said = bounded(tokens_used(tokens))
    return used(said) if isinstance(said, Used) else said
