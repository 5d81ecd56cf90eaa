"""Who waits for a turn: first come, first served within a tenant, and the tenants by turns."""

import asyncio
from collections import deque
from collections.abc import Callable

Turn = asyncio.Future[None]


class BackoffLine:
    """Turns that are waited for, by tenant."""

    def __init__(self) -> None:
        self.length = 0
        self._of: dict[str, deque[Turn]] = {}

    def waiting(self, tenant: str) -> int:
        """Return how many of a tenant's requests wait."""
        return len(self._of.get(tenant, ()))

    def join(self, tenant: str, turn: Turn) -> None:
        """Stand behind this tenant's others."""
        self._of.setdefault(tenant, deque()).append(turn)
        self.length += 1

    def forget(self, tenant: str, turn: Turn) -> None:
        """Leave the line, for one that may have been called already."""
        turns = self._of.get(tenant)
        if turns is not None and turn in turns:
            turns.remove(turn)
            self._left(tenant, turns)

    def call(self, may: Callable[[str], bool]) -> tuple[str, Turn] | None:
        """Take the first of the next tenant that may enter out of the line; that tenant is the last one then."""
        tenant = next((tenant for tenant in self._of if may(tenant)), None)
        if tenant is None:
            return None
        turns = self._of.pop(tenant)
        self._of[tenant] = turns
        turn = turns.popleft()
        self._left(tenant, turns)
        return tenant, turn

    def _left(self, tenant: str, turns: deque[Turn]) -> None:
        self.length -= 1
        if not turns:
            del self._of[tenant]
