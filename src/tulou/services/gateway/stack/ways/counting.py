"""The way of count_tokens to those who have no such endpoint: their tokenizer is asked, or the count is an estimate."""

from functools import partial

import msgspec

from tulou.chassis.http.errors import HttpError
from tulou.contracts.routing.messages import Deadlines
from tulou.kernel.numbers import bounded_int
from tulou.services.gateway.dialects.catalogue import MESSAGES, UPSTREAMS
from tulou.services.gateway.refusals import ContextError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.heavy import Heavy
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.size import check_size
from tulou.services.gateway.stack.ways.asking import Json, RefusedQuestion, cuts_texts
from tulou.services.gateway.stack.ways.tokens import tokenized
from tulou.services.gateway.stack.ways.translated import ability
from tulou.services.gateway.stack.ways.way import JSON, OK
from tulou.services.gateway.stack.wire import Wire
from tulou.services.gateway.usage import estimated_input

COUNTED = b"x-tulou-counted"


class TokenCountCall:
    """Says in a header who has counted: the model's `tokenizer`, or an `estimate` by the gate."""

    def __init__(self, wire: Wire, heavy: Heavy) -> None:
        self._wire = wire
        self._heavy = heavy

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the number of tokens that the prompt has."""
        del lease
        asked = await self._heavy.do(call, partial(_asked, call, backend)) if cuts_texts(backend) else None
        counted = await self._counted(call, asked, backend, deadlines) if asked is not None else None
        if counted is None:
            return await self._heavy.do(call, partial(estimated, call, backend))
        return Answer(OK, [JSON, (COUNTED, b"tokenizer")], MESSAGES.write_count(counted), backend)

    async def _counted(self, call: Call, asked: Json, backend: Backend, deadlines: Deadlines) -> int | None:
        try:
            answer = await tokenized(self._wire, call, backend, asked, deadlines)
        except (RefusedQuestion, HttpError, AttemptFailedError):
            return None
        return bounded_int(answer["count"], least=1)


def _asked(call: Call, backend: Backend) -> Json | None:
    """Return what a tokenizer is asked, None for what cannot fit into the model's context."""
    if not _fits(call, backend):
        return None
    written = UPSTREAMS["openai"].write_request(MESSAGES.read_count(call.body), ability(backend))
    names = {"messages", "tools", "tool_choice"}
    return {name: value for name, value in msgspec.json.decode(written.body).items() if name in names}


def estimated(call: Call, backend: Backend) -> Answer:
    """Return the gate's own estimate of a prompt's tokens."""
    tokens = estimated_input(MESSAGES.read_count(call.body))
    return Answer(OK, [JSON, (COUNTED, b"estimate")], MESSAGES.write_count(tokens), backend)


def _fits(call: Call, backend: Backend) -> bool:
    """Whether a prompt may fit into the context: one that cannot is not made a text to be counted."""
    try:
        check_size(call, backend)
    except ContextError:
        return not backend.limited
    return True
