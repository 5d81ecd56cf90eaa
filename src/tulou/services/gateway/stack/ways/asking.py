"""A small question to a replica that is no generation: one JSON object there, one back."""

from typing import Any

import msgspec

from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.wire import REDIRECTS, Outgoing, Wire

Json = dict[str, Any]

TIMES = 3
"""An answer is in memory in the pieces that came, as one, and as what it says."""
_OBJECT = msgspec.json.Decoder(dict[str, Any])


class RefusedQuestion(Exception):  # noqa: N818 - it is no failure: the caller tries another question or passes it on
    """The replica does not answer this question; `status` and `body` are what it said."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self.body = body


async def ask(
    wire: Wire, call: Call, backend: Backend, name: str, path: str, question: Json, deadlines: Deadlines
) -> Json:
    """Return the answer of the endpoint `name`; raise `RefusedQuestion`, or `AttemptFailedError` for another."""
    head = backend.head(name, path, stream=False)
    body = await ask_bytes(wire, call, backend, head, msgspec.json.encode(question), deadlines)
    try:
        return _OBJECT.decode(body)
    except UNREADABLE as error:
        raise AttemptFailedError("bad_answer", f"the replica's answer cannot be read: {error}") from error


async def ask_bytes(
    wire: Wire, call: Call, backend: Backend, head: bytes, question: bytes, deadlines: Deadlines
) -> bytes:
    """Return the answer; raise `RefusedQuestion` from status 400 on, `AttemptFailedError` for what may be retried."""
    exchange = await wire.send(call, backend, Outgoing(head, question), deadlines)
    try:
        body = await wire.room.read(call, exchange, times=TIMES)
    finally:
        exchange.close()
    if exchange.status >= REDIRECTS.start:
        raise RefusedQuestion(exchange.status, body)
    return body


def cuts_texts(backend: Backend) -> bool:
    """Whether a replica has a tokenizer that can be asked: the house's own may, vendors say so."""
    return backend.own or "tokenize" in backend.replica.capabilities
