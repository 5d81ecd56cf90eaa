"""Tokens of a text and back: vLLM's shape at the client's side; vLLM's and llama.cpp's at the upstream's."""

from typing import Protocol

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.dialect import Ability, Dropped, Written
from tulou.services.gateway.dialects.prompt import Fields
from tulou.services.gateway.dialects.reading import TEXT, TRUTH, read_object, wrong_type

Json = dict[str, object]
_TOKENS = msgspec.json.Decoder[list[int] | None](list[int] | None)


class Tokenize(msgspec.Struct, frozen=True, kw_only=True):
    """A text, or the turns of a conversation as they were written, to be cut into tokens."""

    model: str
    text: str | None = None
    messages: msgspec.Raw | None = None
    special: bool = True
    pieces: bool = False
    extra: Fields = {}


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens, their words where they were asked for, and how many the model can take (0: not told)."""

    tokens: tuple[int, ...]
    pieces: tuple[str, ...] = ()
    most: int = 0


class Detokenize(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens to be put together."""

    model: str
    tokens: tuple[int, ...]


class TokenUpstream(Protocol):
    """A shape in which upstreams cut texts and put them together."""

    def tokenize(self, asked: Tokenize, ability: Ability) -> Written:
        """Return the request to `/tokenize`; raise `InvalidError` for what the upstream cannot cut."""
        ...

    def read_tokens(self, body: bytes) -> Tokens:
        """Return the tokens; raise `ValueError` if there are none."""
        ...

    def detokenize(self, asked: Detokenize, ability: Ability) -> Written:
        """Return the request to `/detokenize`."""
        ...

    def read_text(self, body: bytes) -> str:
        """Return the text; raise `ValueError` if there is none."""
        ...


def read_tokenize(body: bytes) -> Tokenize:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
    fields = read_object(body)
    model = fields.need("model", TEXT)
    text, messages = fields.take("prompt", TEXT), fields.raw("messages")
    if text is None and messages is None:
        raise wrong_type("prompt", "It is missing, and so are messages")
    special = fields.take("add_special_tokens", TRUTH)
    return Tokenize(
        model=model,
        text=text,
        messages=messages,
        special=messages is None if special is None else special,
        pieces=fields.take("return_token_strs", TRUTH) is True,
        extra=fields.rest(),
    )


def read_detokenize(body: bytes) -> Detokenize:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
    fields = read_object(body)
    return Detokenize(model=fields.need("model", TEXT), tokens=tuple(fields.need("tokens", _TOKENS)))


def write_tokens(tokens: Tokens) -> bytes:
    """Return the tokens as the client expects them."""
    pieces = tokens.pieces or None
    count = len(tokens.tokens)
    return msgspec.json.encode(
        {"count": count, "max_model_len": tokens.most, "tokens": tokens.tokens, "token_strs": pieces}
    )


def write_text(text: str) -> bytes:
    """Return the text as the client expects it."""
    return msgspec.json.encode({"prompt": text})


class _VllmTokens(msgspec.Struct):
    tokens: list[int]
    max_model_len: int = 0
    token_strs: list[str] | None = None


class _VllmText(msgspec.Struct):
    prompt: str


class VllmTokens:
    """A `TokenUpstream`."""

    def tokenize(self, asked: Tokenize, ability: Ability) -> Written:
        """Return the request; all of it goes along."""
        body: Json = {"model": ability.model, "add_special_tokens": asked.special, **asked.extra}
        if asked.messages is not None:
            body["messages"] = asked.messages
        else:
            body["prompt"] = asked.text
        if asked.pieces:
            body["return_token_strs"] = True
        return Written(body=msgspec.json.encode(body))

    def read_tokens(self, body: bytes) -> Tokens:
        """Return the tokens; raise `ValueError` if there are none."""
        said = msgspec.json.decode(body, type=_VllmTokens)
        return Tokens(tokens=tuple(said.tokens), pieces=tuple(said.token_strs or ()), most=said.max_model_len)

    def detokenize(self, asked: Detokenize, ability: Ability) -> Written:
        """Return the request."""
        return Written(body=msgspec.json.encode({"model": ability.model, "tokens": asked.tokens}))

    def read_text(self, body: bytes) -> str:
        """Return the text; raise `ValueError` if there is none."""
        return msgspec.json.decode(body, type=_VllmText).prompt


class _LlamaPiece(msgspec.Struct):
    id: int
    piece: str | list[int] = ""

    @property
    def text(self) -> str:
        """The words; a piece that is no whole letter comes as bytes."""
        return self.piece if isinstance(self.piece, str) else bytes(self.piece).decode("utf-8", "replace")


class _LlamaTokens(msgspec.Struct):
    tokens: list[int | _LlamaPiece]


class _LlamaText(msgspec.Struct):
    content: str


class LlamaTokens:
    """A `TokenUpstream`."""

    def tokenize(self, asked: Tokenize, ability: Ability) -> Written:
        """Return the request; raise `InvalidError` for conversations, which it cuts only as texts."""
        if asked.text is None:
            raise InvalidError(f"messages: {ability.model} cuts texts alone; send a prompt", param="messages")
        body: Json = {"content": asked.text, "add_special": asked.special, "parse_special": True}
        if asked.pieces:
            body["with_pieces"] = True
        dropped = tuple(Dropped(field=name, why="llama.cpp has no place for it") for name in sorted(asked.extra))
        return Written(body=msgspec.json.encode(body), dropped=dropped)

    def read_tokens(self, body: bytes) -> Tokens:
        """Return the tokens; raise `ValueError` if there are none."""
        said = msgspec.json.decode(body, type=_LlamaTokens).tokens
        tokens = tuple(token if isinstance(token, int) else token.id for token in said)
        return Tokens(tokens=tokens, pieces=tuple(token.text for token in said if isinstance(token, _LlamaPiece)))

    def detokenize(self, asked: Detokenize, ability: Ability) -> Written:
        """Return the request."""
        del ability
        return Written(body=msgspec.json.encode({"tokens": asked.tokens}))

    def read_text(self, body: bytes) -> str:
        """Return the text; raise `ValueError` if there is none."""
        return msgspec.json.decode(body, type=_LlamaText).content
