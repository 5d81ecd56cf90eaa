"""How many conversations a gateway loads at once: what one takes is counted only when it is there."""

import asyncio
from weakref import WeakValueDictionary

AT_ONCE = 1
"""Of one tenant: a conversation may be as large as a body, and exists three times while it is put in front of one."""


class LoadingTurns:
    """A semaphore for each tenant, for as long as somebody holds it or waits for it."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, tenant: str) -> asyncio.Semaphore:
        """Return what to hold while a conversation of a tenant is loaded; the loading itself has a deadline."""
        turns = self._turns.get(tenant)
        if turns is None:
            turns = self._turns[tenant] = asyncio.Semaphore(self._at_once)
        return turns
