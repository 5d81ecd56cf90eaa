"""Messages at the client's side."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tulou.services.gateway.dialects.anthropic.answer_writer import write_answer
from tulou.services.gateway.dialects.anthropic.request_reader import read_count, read_request
from tulou.services.gateway.dialects.anthropic.stream_writer import Writer
from tulou.services.gateway.dialects.dialect import ClientDialect
from tulou.services.gateway.dialects.errors import words_of
from tulou.services.gateway.dialects.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingClient(ClientDialect):
    """A dialect in which it can also be asked how many tokens a prompt has."""

    read_count: Callable[[bytes], Prompt]
    """Returns the prompt whose tokens are to be counted; errors are those of a request."""
    write_count: Callable[[int], bytes]
    """Returns the answer of a count."""


def write_error(*, status: int, message: str, code: str, param: str | None, request_id: str) -> bytes:
    """Return the body of a refusal; there is no field for code and param, so its words name the param."""
    said = f"{message} ({param})" if param and param not in message else message
    del code
    error = {"type": words_of(status).anthropic, "message": said}
    return msgspec.json.encode({"type": "error", "error": error, "request_id": request_id})


def write_count(tokens: int) -> bytes:
    """Return the answer of a count."""
    return msgspec.json.encode({"input_tokens": tokens})


MESSAGES = CountingClient(
    id_prefix="msg_",
    read_request=read_request,
    write_answer=write_answer,
    writer=Writer,
    write_error=write_error,
    read_count=read_count,
    write_count=write_count,
)
