"""Responses at the client's side."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from tulou.services.gateway.dialects.dialect import Echo, EventWriter
from tulou.services.gateway.dialects.errors import words_of
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.openai_responses.answer_writer import write_answer
from tulou.services.gateway.dialects.openai_responses.request_reader import read_request
from tulou.services.gateway.dialects.openai_responses.stream_writer import Writer
from tulou.services.gateway.dialects.prompt import Prompt


class ResponsesClient:
    """A `ClientDialect`; earlier turns are put into a request's body before it is read (`history.py`)."""

    id_prefix: ClassVar[str] = "resp_"

    def read_request(self, body: bytes) -> Prompt:
        """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
        return read_request(body)

    def write_answer(self, events: Iterable[Event], echo: Echo) -> bytes:
        """Return a whole response; one that failed says so itself."""
        return write_answer(events, echo)

    def writer(self, echo: Echo) -> EventWriter:
        """Return what writes one stream."""
        return Writer(echo)

    def write_error(self, *, status: int, message: str, code: str, param: str | None, request_id: str) -> bytes:
        """Return the body of a refusal; the request's id goes in a header in this dialect."""
        del request_id
        error = {"message": message, "type": words_of(status).openai, "param": param, "code": code}
        return msgspec.json.encode({"error": error})
