"""How a client reaches a service that may live in another process."""

from collections.abc import AsyncIterator
from typing import Protocol

from tulou.kernel.operation import Operation, Req, Res, StreamOperation


class Transport(Protocol):
    """Carries one operation to wherever the service runs."""

    async def call(self, operation: Operation[Req, Res], request: Req) -> Res:
        """Ask, and return the reply; raise the error the service raised, or `UnavailableError`."""
        ...

    def stream(self, operation: StreamOperation[Req, Res], request: Req) -> AsyncIterator[Res]:
        """Ask, and yield the replies; closing the iterator tells the service to stop."""
        ...
