"""Where limits are counted for all gateways: the control process, or a server that several hosts share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tulou.contracts.limits.messages import LeaseShares, Limit, Shares
from tulou.kernel.message import message


@message
class Level:
    """How much of a limit is used and held for one subject, in whole units."""

    limit: str
    subject: str
    used: int
    held: int
    resets_at: float


class Allowances(Protocol):
    """Counts by its own clock alone, so that no other clock can be wrong; all of a message is counted, or nothing."""

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        """Settle, and grant shares; `limits` has, by name, at least those asked for that the caller knows.

        Raise `ConflictError` for a message that is older than the gateway's last, `UnavailableError` when nobody
        counts now: such a message may have been counted, so it is told again, unchanged.
        """
        ...

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        """Return where these limits stand, for every subject that used them."""
        ...

    async def forget(self, limit: str) -> None:
        """Forget what was counted of a limit."""
        ...


@dataclass(frozen=True, slots=True)
class SharedAllowances:
    """Where allowances are kept when several hosts share them; None: in the control process itself."""

    allowances: Allowances | None = None
