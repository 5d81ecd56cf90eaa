"""Facts, delivered at least once to every group that listens."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from tulou.kernel.context import Actor
from tulou.kernel.message import message


@message
class Fact:
    """An event as the bus carries it: `topic` is `<service>.<what_happened>`, `body` is JSON, `actor` who caused it.

    A fact without an actor was written by nobody, and is handled by nobody.
    """

    id: str
    topic: str
    at: float
    tenant: str = ""
    body: str = "{}"
    actor: Actor | None = None


class Delivery(Protocol):
    """One fact handed to one group; unless acknowledged it comes again."""

    @property
    def fact(self) -> Fact:
        """What happened."""
        ...

    async def ack(self) -> None:
        """Say that the fact has been dealt with."""
        ...


class Events(Protocol):
    """The bus. Handlers must be idempotent: a fact can come twice, after a crash out of order."""

    async def publish(self, facts: Sequence[Fact]) -> None:
        """Hand facts to the bus; when this returns, the bus answers for their delivery."""
        ...

    def subscribe(self, topics: Sequence[str], *, group: str) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """Listen to topics as one of a group; each fact goes to one member, facts older than the group to none."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
