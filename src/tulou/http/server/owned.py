"""How an application says whose a connection is, once it knows."""

from typing import Protocol, cast

from starlette.types import Scope

CONNECTION = "tulou.connection"
"""The key in a request's scope."""


class Owned(Protocol):
    """A connection; `owner` is empty until somebody claims it."""

    owner: str

    def claim(self, owner: str) -> None:
        """Count it for this owner; raise `LimitedError`, and close after the answer, if that one holds too many."""
        ...


def claim(scope: Scope, owner: str) -> None:
    """Claim the connection that a request came over, if it is one of our server's."""
    connection = cast("Owned | None", scope.get(CONNECTION))
    if connection is not None and connection.owner != owner:
        connection.claim(owner)
