"""Addresses that control has sent away for a while: the gate says so itself, which costs next to nothing."""

from collections import OrderedDict

from starlette.types import Scope

from tulou.chassis.http.exchange import Exchange
from tulou.chassis.refusals import LIMITS, network_of
from tulou.kernel.clock import Clock
from tulou.kernel.errors import LimitedError
from tulou.services.gateway.http.arrival import address_of, secret_of

MOST = 1_000
"""Doors that are shut at a time; beyond them, those that were shut first are open again."""
LONGEST_S = 60.0
PATH_CAP = 100
ADDRESS = b"address"
TOO_MANY = 429


class AddressDoors:
    """A door is an address and what comes from there: keys that nobody knows, or a path that is asked without one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shut: OrderedDict[tuple[str, str], float] = OrderedDict()

    def check(self, scope: Scope) -> None:
        """Raise `LimitedError` for what comes through a door that is shut."""
        until = self._shut.get(_door(scope)) if self._shut else None
        if until is None:
            return
        left = until - self._clock.now()
        if 0 < left <= LONGEST_S:
            raise LimitedError(f"too many tries from this address; wait {left:.0f} s", retry_after_s=left)
        del self._shut[_door(scope)]

    def note(self, scope: Scope, answer: Exchange) -> None:
        """Shut a door for as long as control says."""
        if answer.status != TOO_MANY or answer.header(LIMITS.encode()) != ADDRESS:
            return
        wait = answer.header(b"retry-after")
        self._shut[_door(scope)] = self._clock.now() + min(float(wait) if wait.isdigit() else 1.0, LONGEST_S)
        if len(self._shut) > MOST:
            self._shut.popitem(last=False)


def _door(scope: Scope) -> tuple[str, str]:
    path: str = scope["path"]
    return network_of(address_of(scope)), "" if secret_of(dict(scope["headers"])) else path[:PATH_CAP]
