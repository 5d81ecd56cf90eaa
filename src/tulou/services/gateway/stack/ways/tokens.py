"""The way to a replica's tokenizer, in the words of llama.cpp and of vLLM at once: each passes over the other's."""

import msgspec

from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.refusals import WrongEndpointError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.lease import Lease
from tulou.services.gateway.stack.refused import refused
from tulou.services.gateway.stack.ways.asking import Json, Refused, ask, cuts_texts
from tulou.services.gateway.stack.ways.way import JSON, OK
from tulou.services.gateway.stack.wire import Wire

TEMPLATE, TOKENIZE, DETOKENIZE = "/apply-template", "/tokenize", "/detokenize"
MISSING = frozenset({404, 405, 501})


class Tokenizing:
    """Text to tokens: `content` as llama.cpp asks, `prompt` or `messages` as vLLM does."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __call__(self, call: Call, backend: Backend, lease: Lease, deadlines: Deadlines) -> Answer:
        """Return `tokens` and their `count`, with all else that the replica says."""
        del lease
        _check(call, backend)
        asked: Json = msgspec.json.decode(call.body)
        try:
            said = await tokenized(self._wire, call, backend, asked, deadlines)
        except Refused as error:
            return Answer(error.status, [JSON], refused(error.status, error.body), backend)
        return Answer(OK, [JSON], msgspec.json.encode(said), backend)


class Detokenizing:
    """Tokens to text."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __call__(self, call: Call, backend: Backend, lease: Lease, deadlines: Deadlines) -> Answer:
        """Return the text as `content` and as `prompt`."""
        del lease
        _check(call, backend)
        asked: Json = msgspec.json.decode(call.body) | {"model": backend.model}
        try:
            said = await ask(self._wire, call, backend, "detokenize", DETOKENIZE, asked, deadlines)
        except Refused as error:
            return Answer(error.status, [JSON], refused(error.status, error.body), backend)
        text = said.get("content", said.get("prompt", ""))
        return Answer(OK, [JSON], msgspec.json.encode(said | {"content": text, "prompt": text}), backend)


async def tokenized(wire: Wire, call: Call, backend: Backend, asked: Json, deadlines: Deadlines) -> Json:
    """Return `tokens` and `count`; a conversation is first made a text where the replica has a template for that."""
    question = asked | {"model": backend.model}
    if "messages" in asked:
        try:
            text = (await ask(wire, call, backend, "template", TEMPLATE, question, deadlines)).get("prompt", "")
            question = {"model": backend.model, "content": text, "prompt": text, "add_special": True}
        except Refused as error:
            if error.status not in MISSING:
                raise
    else:
        text = asked.get("content", asked.get("prompt", ""))
        question |= {"content": text, "prompt": text}
    said = await ask(wire, call, backend, "tokenize", TOKENIZE, question, deadlines)
    tokens: object = said.get("tokens")
    if "count" not in said and not isinstance(tokens, list):
        raise AttemptFailedError("bad_answer", "the replica's answer holds no tokens")
    return said | {"count": said["count"] if "count" in said else len(said["tokens"])}


def _check(call: Call, backend: Backend) -> None:
    if not cuts_texts(backend):
        raise WrongEndpointError(
            f"{call.model!r} is served by {backend.replica.provider}, whose tokenizer cannot be asked; "
            "POST /v1/messages/count_tokens gives an estimate",
            param="model",
        )
