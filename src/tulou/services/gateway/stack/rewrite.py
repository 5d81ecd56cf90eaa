"""Changes single fields of a JSON body and leaves all others as the client wrote them."""

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.refusals import MalformedError
from tulou.services.gateway.stack.forcing import ForcedTools

INCLUDE_USAGE = b'"stream_options":{"include_usage":true},'
_MAX_TOKENS = (b'"max_tokens"', b'"max_completion_tokens"')
DEVELOPER = b'"developer"'
_SYSTEM, _NONE = msgspec.Raw(b'"system"'), msgspec.Raw(b"[]")
_MESSAGES = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def with_model(body: bytes, model: str) -> bytes:
    """Return the body with another model's name."""
    return with_field(body, "model", value=model)


def with_field(body: bytes, name: str, *, value: object) -> bytes:
    """Return the body with another value in a field."""
    return msgspec.json.encode(fields_of(body) | {name: msgspec.Raw(msgspec.json.encode(value))})


def with_usage(body: bytes, *, has_options: bool) -> bytes:
    """Return the body of a stream with a request for token counts."""
    if not has_options:
        start = body.index(b"{") + 1
        return b"%b%b%b" % (body[:start], INCLUDE_USAGE, body[start:])
    fields = fields_of(body)
    options = fields_of(fields["stream_options"]) if bytes(fields["stream_options"]) != b"null" else {}
    options["include_usage"] = msgspec.Raw(b"true")
    return msgspec.json.encode(fields | {"stream_options": msgspec.Raw(msgspec.json.encode(options))})


def with_forced(body: bytes, forced: ForcedTools) -> bytes:
    """Return the body of a chat with its named tools as all there are, and a word for whether one must be called.

    Raise `InvalidError` where others are allowed too, which an engine that is told by this cannot run.
    """
    if forced.others:
        kinds = ", ".join(sorted(set(forced.others)))
        raise InvalidError(
            f"tool_choice: whoever serves this model runs functions alone, and {kinds} is allowed; leave it out",
            param="tool_choice",
        )
    fields = fields_of(body) | {
        "tools": msgspec.Raw(msgspec.json.encode(forced.tools)),
        "tool_choice": msgspec.Raw(msgspec.json.encode(forced.choice)),
    }
    if forced.only_one:
        fields["parallel_tool_calls"] = msgspec.Raw(b"false")
    return msgspec.json.encode(fields)


def with_max_tokens(body: bytes, field: str) -> bytes:
    """Return the body of a chat whose cap on output has the name that the vendor knows; the client may use either."""
    if not any(name in body for name in _MAX_TOKENS):
        return body
    fields = fields_of(body)
    given = [fields.pop(name) for name in ("max_tokens", "max_completion_tokens") if name in fields]
    return msgspec.json.encode(fields | {field: given[-1]}) if given else body


def with_system(body: bytes) -> bytes:
    """Return the body of a chat whose messages of the role `developer` have the role `system`, as it was before."""
    fields = fields_of(body)
    try:
        messages = _MESSAGES.decode(fields.get("messages", _NONE))
    except msgspec.MsgspecError:
        return body  # whoever answers says what is wrong with them
    told = [_told(message) for message in messages]
    return msgspec.json.encode(fields | {"messages": msgspec.Raw(msgspec.json.encode(told))})


def _told(message: dict[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    return message | {"role": _SYSTEM} if bytes(message.get("role", _NONE)) == DEVELOPER else message


def fields_of(body: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Return the fields of a JSON object as they were written; raise `MalformedError` for anything else."""
    try:
        return _FIELDS.decode(body)
    except msgspec.MsgspecError as error:
        raise MalformedError(f"the body is not a JSON object: {error}") from error
