"""What a way is."""

from typing import Protocol

from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.lease import BackendLease


class UpstreamCall(Protocol):
    """Answers a call by one replica."""

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the answer, of a stream once its first event is good.

        Raise `AttemptFailedError` or `HttpError` for what another replica might do better, and leave nothing open.
        The lease is ended by the answer's `rest`, where there is one.
        """
        ...
