"""The way to a replica's tokenizer, in the words of llama.cpp and of vLLM at once: each passes over the other's."""

import msgspec

from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.dialects.dialect import Dropped
from tulou.services.gateway.refusals import WrongEndpointError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.refused import refused
from tulou.services.gateway.stack.ways.asking import Json, RefusedQuestion, ask, cuts_texts
from tulou.services.gateway.stack.ways.way import JSON, OK
from tulou.services.gateway.stack.wire import Wire

TEMPLATE, TOKENIZE, DETOKENIZE = "/apply-template", "/tokenize", "/detokenize"
MISSING = frozenset({404, 405, 501})
SPECIAL = ("add_special", "add_special_tokens")
STRINGS = "return_token_strs"
KNOWN = frozenset(
    {
        "model",
        "content",
        "prompt",
        "messages",
        "tools",
        "add_generation_prompt",
        "continue_final_message",
        "chat_template_kwargs",
        "with_pieces",
        "parse_special",
        STRINGS,
        *SPECIAL,
    }
)
"""What the house's engines honour of a request to cut a text."""

JOINED = frozenset({"model", "tokens"})
"""And of one to put it together again."""

PASSED = "the house's engines have no place for it"


class TokenizeCall:
    """Text to tokens: `content` as llama.cpp asks, `prompt` or `messages` as vLLM does."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return `tokens` and their `count`, with all else that the replica says."""
        del lease
        _check(call, backend)
        asked: Json = msgspec.json.decode(call.body)
        if backend.own:
            asked = _known(call, asked, KNOWN)
        try:
            said = await tokenized(self._wire, call, backend, asked, deadlines)
        except RefusedQuestion as error:
            return Answer(error.status, [JSON], refused(error.status, error.body), backend)
        return Answer(OK, [JSON], msgspec.json.encode(said), backend)


class DetokenizeCall:
    """Tokens to text."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the text as `content` and as `prompt`."""
        del lease
        _check(call, backend)
        asked: Json = msgspec.json.decode(call.body) | {"model": backend.model}
        if backend.own:
            asked = _known(call, asked, JOINED)
        try:
            said = await ask(self._wire, call, backend, "detokenize", DETOKENIZE, asked, deadlines)
        except RefusedQuestion as error:
            return Answer(error.status, [JSON], refused(error.status, error.body), backend)
        text = said.get("content", said.get("prompt", ""))
        return Answer(OK, [JSON], msgspec.json.encode(said | {"content": text, "prompt": text}), backend)


async def tokenized(wire: Wire, call: Call, backend: Backend, asked: Json, deadlines: Deadlines) -> Json:
    """Return `tokens` and `count`; a conversation is first made a text where the replica has a template for that."""
    question = asked | {"model": backend.model}
    if "messages" in asked:
        try:
            text = (await ask(wire, call, backend, "template", TEMPLATE, question, deadlines)).get("prompt", "")
            special = _special(asked, otherwise=True)
            question = {"model": backend.model, "content": text, "prompt": text} | special | _pieces(asked)
        except RefusedQuestion as error:
            if error.status not in MISSING:
                raise
    else:
        text = asked.get("content", asked.get("prompt", ""))
        question |= {"content": text, "prompt": text} | _special(asked, otherwise=None) | _pieces(asked)
    said = await ask(wire, call, backend, "tokenize", TOKENIZE, question, deadlines)
    tokens: object = said.get("tokens")
    if "count" not in said and not isinstance(tokens, list):
        raise AttemptFailedError("bad_answer", "the replica's answer holds no tokens")
    return _as_asked(asked, said) | {"count": said["count"] if "count" in said else len(said["tokens"])}


def _known(call: Call, asked: Json, names: frozenset[str]) -> Json:
    """Return what an engine of the house is asked; all else is told as dropped."""
    call.dropped = tuple(Dropped(field=name, why=PASSED) for name in sorted(asked.keys() - names))
    return {name: value for name, value in asked.items() if name in names}


def _special(asked: Json, *, otherwise: bool | None) -> Json:
    """Return whether tokens that begin and end a text are added, in both servers' words; nothing leaves it to them."""
    for name in SPECIAL:
        if isinstance(asked.get(name), bool):
            otherwise = asked[name]
    return {} if otherwise is None else dict.fromkeys(SPECIAL, otherwise)


def _pieces(asked: Json) -> Json:
    """Return the wish for the words of the tokens, in both servers' words."""
    return {"with_pieces": True} if asked.get(STRINGS) is True else {}


def _as_asked(asked: Json, said: Json) -> Json:
    """Return tokens as numbers and their words beside them, as vLLM's clients ask for them, whoever has answered."""
    tokens: object = said.get("tokens")
    if asked.get(STRINGS) is not True or said.get("token_strs") is not None or not isinstance(tokens, list):
        return said
    try:
        pieces = msgspec.convert(tokens, list[_Piece])
        return said | {"tokens": [piece.id for piece in pieces], "token_strs": [piece.text for piece in pieces]}
    except ValueError:
        return said


class _Piece(msgspec.Struct):
    id: int
    piece: str | list[int] = ""

    @property
    def text(self) -> str:
        """The words; a piece that is no whole letter comes as bytes."""
        return self.piece if isinstance(self.piece, str) else bytes(self.piece).decode("utf-8", "replace")


def _check(call: Call, backend: Backend) -> None:
    if not cuts_texts(backend):
        raise WrongEndpointError(
            f"{call.model!r} is served by {backend.replica.provider}, whose tokenizer cannot be asked; "
            "POST /v1/messages/count_tokens gives an estimate",
            param="model",
        )
