"""Messages at the upstream's side."""

from collections.abc import Sequence

import msgspec

from tulou.services.gateway.dialects.anthropic.answer_reader import Reader, read_answer
from tulou.services.gateway.dialects.anthropic.request_writer import write_count, write_request
from tulou.services.gateway.dialects.counts import Count
from tulou.services.gateway.dialects.dialect import Ability, EventReader, Written
from tulou.services.gateway.dialects.errors import read_fault
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.prompt import Prompt


class _Count(msgspec.Struct):
    input_tokens: Count


class MessagesUpstream:
    """An `UpstreamDialect`, which can also be asked how many tokens a prompt has."""

    def path(self, *, stream: bool) -> str:
        """Return the path after the base URL."""
        del stream
        return "/v1/messages"

    def write_request(self, prompt: Prompt, ability: Ability) -> Written:
        """Return the request; raise `InvalidError` for what the upstream cannot do and may not be dropped."""
        return write_request(prompt, ability)

    def read_answer(self, body: bytes) -> Sequence[Event]:
        """Return a whole answer; raise `ValueError` if it is none."""
        return read_answer(body)

    def reader(self) -> EventReader:
        """Return what reads one stream."""
        return Reader()

    def read_error(self, status: int, body: bytes) -> tuple[str, str, str | None]:
        """Return message, code and param of a refusal; never raise."""
        return read_fault(status, body)

    def write_count(self, prompt: Prompt, ability: Ability) -> Written:
        """Return the request for a count; raise `InvalidError` as for an answer."""
        return write_count(prompt, ability)

    def read_count(self, body: bytes) -> int:
        """Return the count; raise `ValueError` if it is none."""
        return msgspec.json.decode(body, type=_Count).input_tokens
