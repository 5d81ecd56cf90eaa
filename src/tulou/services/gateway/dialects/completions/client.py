"""Text completions at the client's side, for upstreams that only converse."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from tulou.services.gateway.dialects.completions.answer_writer import Writer, write_answer
from tulou.services.gateway.dialects.completions.request_reader import read_request
from tulou.services.gateway.dialects.dialect import Echo, EventWriter
from tulou.services.gateway.dialects.errors import words_of
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.prompt import Prompt


class CompletionsClient:
    """A `ClientDialect`."""

    id_prefix: ClassVar[str] = "cmpl-"

    def read_request(self, body: bytes) -> Prompt:
        """Return what is asked; raise `InvalidError` for what no conversation can stand for."""
        return read_request(body)

    def write_answer(self, events: Iterable[Event], echo: Echo) -> bytes:
        """Return a whole answer; raise `UpstreamError` when it failed."""
        return write_answer(events, echo)

    def writer(self, echo: Echo) -> EventWriter:
        """Return what writes one stream."""
        return Writer(echo)

    def write_error(self, *, status: int, message: str, code: str, param: str | None, request_id: str) -> bytes:
        """Return the body of a refusal; the request's id goes in a header in this dialect."""
        del request_id
        error = {"message": message, "type": words_of(status).openai, "param": param, "code": code}
        return msgspec.json.encode({"error": error})
