"""Bodies of one dialect at the path of another, as some clients send them: taken as what they are, where that is plain.

Cursor sends a body of responses (`input`, flat tools, `reasoning`) to the path of chat completions, and reads chunks of
chat from it.
"""

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.refusals import WrongTypeError

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
TRUE = msgspec.Raw(b"true")


def as_chat(body: bytes) -> Written | None:
    """Return the chat completion that a body of responses asks for, None for a body that is none of those.

    Raise `InvalidError` for what it asks that no chat completion can.
    """
    fields = _fields(body)
    if "input" not in fields or "messages" in fields:
        return None
    if fields.get("background") == TRUE:
        raise InvalidError("background: chat completions have none; ask POST /v1/responses", param="background")
    prompt = CLIENTS["responses"].read_request(body)
    able = Ability(model=prompt.model, max_tokens_field="max_completion_tokens")
    return UPSTREAMS["openai"].write_request(prompt, able)


def check_input(body: bytes) -> None:
    """Raise `WrongTypeError` for a response without input that brings messages: it would be asked about nothing."""
    if "messages" in _fields(body):
        raise WrongTypeError(
            "input: it is missing; messages are what POST /v1/chat/completions takes", param="input", pointer="/input"
        )


def _fields(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _FIELDS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
