"""Rules of responses: how one in the background changes, and what of it clients see."""

from collections.abc import Collection
from typing import Literal

import msgspec

from tulou.contracts.responses.messages import ResponseState, StoredResponse
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError, TooLargeError
from tulou.ports.gate import GateAnswer

FINAL: frozenset[ResponseState] = frozenset({"completed", "incomplete", "failed", "cancelled"})
OK = 200
Fields = dict[str, msgspec.Raw]
_FIELDS = msgspec.json.Decoder(Fields)


ID_LENGTH = 128
ITEMS = 256
"""So many items of an answer can be named; longer ones are kept like all others."""

_ITEM = msgspec.json.Decoder(object)


class _Body(msgspec.Struct):
    output: list[Fields] = []


_BODY = msgspec.json.Decoder(_Body)


class _Error(msgspec.Struct):
    code: str | None = None
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Error


def check(response: StoredResponse, *, at_most: int) -> None:
    """Raise what makes a response impossible to keep."""
    if (takes := size(response)) > at_most:
        raise TooLargeError(
            f"the response has {takes} bytes; [responses] response_bytes is {at_most}: set store to false"
        )
    fields(response.body)


def size(response: StoredResponse) -> int:
    """Return how many bytes a response takes."""
    return said(response) + _bytes(response.request)


def said(response: StoredResponse) -> int:
    """Return how many bytes of a response are part of what was said."""
    return _bytes(response.body) + _bytes(response.input)


def too_long(*, at_most: int) -> TooLargeError:
    """Return the refusal of a conversation that is larger than its asker takes."""
    return TooLargeError(
        f"the conversation before this request has more than {at_most} bytes; begin a new one without "
        "previous_response_id, or send a shorter input",
        param="previous_response_id",
    )


def full(*, kept: int, most: int) -> LimitedError:
    """Return the refusal of a response for which its project has no room."""
    return LimitedError(
        f"the stored responses of this project take {kept} of {most} bytes ([responses] project_bytes); "
        "delete some with DELETE /v1/responses/{id}, or send store: false"
    )


def item_ids(response: StoredResponse) -> tuple[str, ...]:
    """Return the ids of the items of an answer, those by which it can be asked for them."""
    return tuple(dict.fromkeys(name for item in _output(response) if (name := _name(item))))[:ITEMS]


def items_of(response: StoredResponse, names: Collection[str]) -> dict[str, str]:
    """Return the items of an answer that have these ids, by id, as JSON."""
    found = ((_name(item), item) for item in _output(response))
    return {name: msgspec.json.encode(item).decode() for name, item in found if name and name in names}


def unknown_item(name: str) -> NotFoundError:
    """Return the refusal of a request that names an item which is not kept."""
    return NotFoundError(
        f"no item {name[:ID_LENGTH]!r} is kept for this project; its response has expired, or was made with "
        "store: false: send the item itself",
        param="input",
    )


def _output(response: StoredResponse) -> list[Fields]:
    try:
        return _BODY.decode(response.body).output
    except msgspec.MsgspecError:
        return []  # of another shape than this house knows, or with half of a surrogate pair


def _name(item: Fields) -> str:
    """Return the id of an item; nothing for one that no database holds, or that is no text."""
    try:
        name = _ITEM.decode(item["id"])
    except (KeyError, msgspec.MsgspecError):
        return ""
    return name if isinstance(name, str) and len(name) <= ID_LENGTH and name.isprintable() else ""


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def fields(body: str | bytes) -> Fields:
    """Return the fields of a JSON object; raise `InvalidError` if it is none."""
    try:
        return _FIELDS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidError(f"a response is a JSON object: {error}") from error


def to_ask(response: StoredResponse) -> bytes:
    """Return the request of a response in the background, to be answered whole and kept by nobody else."""
    plain = {"background": False, "store": False, "stream": False}
    return msgspec.json.encode(fields(response.request) | {name: _raw(value) for name, value in plain.items()})


def answered(response: StoredResponse, answer: GateAnswer) -> tuple[ResponseState, str]:
    """Return the state and the body of a response that the gate has answered."""
    if answer.status != OK:
        return "failed", _failed(response, answer)
    said = fields(answer.body)
    own = fields(response.body)
    kept = {name: own[name] for name in ("id", "created_at", "metadata", "previous_response_id") if name in own}
    state = _state(said)
    return state, _text(said | kept | {"background": _raw(value=True), "store": _raw(value=True)})


def moved(response: StoredResponse, state: ResponseState) -> str:
    """Return the body of a response in another state."""
    return _text(fields(response.body) | {"status": _raw(state)})


def _failed(response: StoredResponse, answer: GateAnswer) -> str:
    try:
        error = msgspec.json.decode(answer.body, type=_Refusal).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        error = _Error(message=f"the gate answered {answer.status}")
    said = {"code": error.code or "server_error", "message": error.message}
    return _text(fields(response.body) | {"status": _raw("failed"), "error": _raw(said)})


def _state(said: Fields) -> ResponseState:
    try:
        return msgspec.json.decode(said["status"], type=Literal["completed", "incomplete", "failed", "cancelled"])
    except (KeyError, msgspec.MsgspecError):
        return "completed"


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _text(said: Fields) -> str:
    return msgspec.json.encode(said).decode()
