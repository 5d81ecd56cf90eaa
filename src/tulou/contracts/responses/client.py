"""Responses, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.responses.api import (
    CANCEL,
    CONVERSATION,
    DELETE,
    ENQUEUE,
    ITEMS,
    KEEP,
    RESPONSE,
)
from tulou.contracts.responses.messages import (
    Conversation,
    Items,
    NameItems,
    NameResponse,
    StoredResponse,
)
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done


@dataclass(frozen=True, slots=True)
class ResponsesClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def keep(self, request: StoredResponse) -> StoredResponse:
        """Keep a response until it expires, in place of an earlier state of it; a final state is never replaced."""
        return await self.transport.call(KEEP, request)

    async def response(self, request: NameResponse) -> StoredResponse:
        """Return a response; raise `NotFoundError` for an unknown or expired one, and for one of somebody else."""
        return await self.transport.call(RESPONSE, request)

    async def conversation(self, request: NameResponse) -> Conversation:
        """Return a response and those before it; raise `NotFoundError` if one of them is gone."""
        return await self.transport.call(CONVERSATION, request)

    async def items(self, request: NameItems) -> Items:
        """Return items of answers by their ids; raise `NotFoundError` for one that is not kept for this project."""
        return await self.transport.call(ITEMS, request)

    async def enqueue(self, request: StoredResponse) -> StoredResponse:
        """Have a response made in the background."""
        return await self.transport.call(ENQUEUE, request)

    async def cancel(self, request: NameResponse) -> StoredResponse:
        """Stop one that is made in the background; raise `ConflictError` for one that never was."""
        return await self.transport.call(CANCEL, request)

    async def delete(self, request: NameResponse) -> Done:
        """Forget a response."""
        return await self.transport.call(DELETE, request)
