"""How an error is told in a stream whose head has gone out: as an event of the client's own dialect."""

import msgspec

from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import TulouError
from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.errors import read_fault
from tulou.services.gateway.dialects.events import Failed, Started
from tulou.services.gateway.dialects.sse import named_frame
from tulou.services.gateway.http.errors import error_code, told
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.stack.call import Answer, Call


class _Body(msgspec.Struct):
    error: msgspec.Raw


_BODY = msgspec.json.Decoder(_Body)


def break_event(record: Record, error: TulouError, *, now: float, begun: bool) -> bytes:
    """Return the last event of a stream that breaks; one of which nothing came (*begun*) tells all that was tried."""
    call = None if begun else record.call
    said = told(record.endpoint, error, record.request_id, call.attempts if call is not None else ())
    failed = Failed(message=str(error), code=error_code(error), status=said.status)
    return _event(record.endpoint, said.body, failed, call, now)


def refusal_event(call: Call, answer: Answer, *, now: float) -> bytes:
    """Return what a refusal in the client's dialect is as an event."""
    message, code, _ = read_fault(answer.status, answer.first)
    failed = Failed(message=message, code=code, status=answer.status)
    return _event(call.endpoint, answer.first, failed, call, now)


def _event(endpoint: Endpoint, body: bytes, failed: Failed, call: Call | None, now: float) -> bytes:
    if endpoint != "responses":
        return named_frame("error", body)
    response = _failed_response(call, failed, now) if call is not None else b""
    return response or named_frame("error", _typed(body, failed))


def _typed(body: bytes, failed: Failed) -> bytes:
    """Return the error as responses have it: with its type, and once more as an object, as its clients look for it."""
    event = {"type": "error", "sequence_number": 0, "code": failed.code, "message": failed.message, "param": None}
    return msgspec.json.encode(event | {"error": _BODY.decode(body).error})


def _failed_response(call: Call, failed: Failed, now: float) -> bytes:
    """Return the events of a response that failed before anything of it came; nothing where it was not understood."""
    if call.client is None:
        return b""
    try:
        prompt = call.prompt
    except TulouError:
        return b""
    echo = Echo(
        id=call.answer_id or f"{call.client.id_prefix}{call.request_id}",
        model=call.model,
        created=int(now),
        prompt=prompt,
        previous=call.previous,
    )
    return call.client.writer(echo).write([Started(), failed])
