"""Responses: answers that are kept, so that the next request can go on from them."""

from typing import Protocol

from tulou.contracts.responses.messages import Conversation, Items, NameItems, NameResponse, StoredResponse
from tulou.kernel.message import Done


class Responses(Protocol):
    """Stored responses of projects."""

    async def keep(self, request: StoredResponse) -> StoredResponse:
        """Keep a response until it expires, in place of an earlier state of it; a final state is never replaced."""
        ...

    async def response(self, request: NameResponse) -> StoredResponse:
        """Return a response; raise `NotFoundError` for an unknown or expired one, and for one of somebody else."""
        ...

    async def conversation(self, request: NameResponse) -> Conversation:
        """Return a response and those before it; raise `NotFoundError` if one of them is gone.

        Raise `TooLargeError` for more than the asker takes, `InvalidError` for a chain that is too long.
        """
        ...

    async def items(self, request: NameItems) -> Items:
        """Return items of answers by their ids; raise `NotFoundError` for one that is not kept for this project.

        Raise `TooLargeError` for more than the asker takes, `InvalidError` for too many.
        """
        ...

    async def enqueue(self, request: StoredResponse) -> StoredResponse:
        """Have a response made in the background."""
        ...

    async def cancel(self, request: NameResponse) -> StoredResponse:
        """Stop one that is made in the background; raise `ConflictError` for one that never was."""
        ...

    async def delete(self, request: NameResponse) -> Done:
        """Forget a response."""
        ...
