"""Conversations at the upstream's side."""

from collections.abc import Sequence

from tulou.services.gateway.dialects.bedrock.answer_reader import Reader, read_answer
from tulou.services.gateway.dialects.bedrock.request_writer import write_request
from tulou.services.gateway.dialects.dialect import Ability, EventReader, Written
from tulou.services.gateway.dialects.errors import read_fault
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.prompt import Prompt


class BedrockUpstream:
    """An `UpstreamDialect`."""

    def path(self, *, stream: bool) -> str:
        """Return the path after the base URL, which names the model."""
        return f"/model/{{model}}/{'converse-stream' if stream else 'converse'}"

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
