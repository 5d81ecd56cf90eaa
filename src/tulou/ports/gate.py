"""The house's own gate, for work that is done later on somebody's behalf: batches, answers in the background."""

from collections.abc import Mapping
from typing import Protocol

from tulou.kernel.message import message


@message
class GateAnswer:
    """A whole answer: the HTTP status, the body, and the few headers that concern whoever asked.

    `again` is whether another try may do better, as the gate says of an error.
    """

    status: int
    body: bytes
    request_id: str = ""
    retry_after_s: float | None = None
    again: bool = True


class Gate(Protocol):
    """Asks as a key of the house, at batch priority, so that whoever waits for an answer goes first."""

    async def post(
        self, path: str, body: bytes, *, key: str, headers: Mapping[str, str], timeout_s: float
    ) -> GateAnswer:
        """Return what the gate answers; raise `UnavailableError` when it does not, `DeadlineError` when too late.

        A caller that is cancelled hangs up, and so ends the generation.
        """
        ...
