"""Messages at the client's side."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from tulou.services.gateway.dialects.anthropic.answer_writer import write_answer
from tulou.services.gateway.dialects.anthropic.request_reader import read_count, read_request
from tulou.services.gateway.dialects.anthropic.stream_writer import Writer
from tulou.services.gateway.dialects.dialect import Echo, EventWriter
from tulou.services.gateway.dialects.errors import words_of
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.prompt import Prompt


class MessagesClient:
    """A `ClientDialect`, which can also be asked how many tokens a prompt has."""

    id_prefix: ClassVar[str] = "msg_"

    def read_request(self, body: bytes) -> Prompt:
        """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
        return read_request(body)

    def write_answer(self, events: Iterable[Event], echo: Echo) -> bytes:
        """Return a whole answer; raise `UpstreamError` when it failed."""
        return write_answer(events, echo)

    def writer(self, echo: Echo) -> EventWriter:
        """Return what writes one stream."""
        return Writer(echo)

    def write_error(self, *, status: int, message: str, code: str, param: str | None, request_id: str) -> bytes:
        """Return the body of a refusal; there is no field for code and param, so its words name the param."""
        said = f"{message} ({param})" if param and param not in message else message
        del code
        error = {"type": words_of(status).anthropic, "message": said}
        return msgspec.json.encode({"type": "error", "error": error, "request_id": request_id})

    def read_count(self, body: bytes) -> Prompt:
        """Return the prompt whose tokens are to be counted; errors are those of a request."""
        return read_count(body)

    def write_count(self, tokens: int) -> bytes:
        """Return the answer of a count."""
        return msgspec.json.encode({"input_tokens": tokens})
