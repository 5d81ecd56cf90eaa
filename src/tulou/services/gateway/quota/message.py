"""What is told to whoever counts, until it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tulou.contracts.limits.messages import Ask, LeaseShares, Limit, Shares
from tulou.kernel.errors import UpstreamError
from tulou.services.gateway.quota.account import ShareAccount


@dataclass(slots=True)
class AllowanceMessage:
    """The asks of accounts, in order; `request` is how they were told, `failures` how often they were not answered."""

    accounts: Sequence[ShareAccount]
    asks: tuple[Ask, ...]
    limits: Mapping[str, Limit]
    sent_at: float
    request: LeaseShares | None = None
    failures: int = 0

    def check(self, shares: Shares) -> None:
        """Raise `UpstreamError` for an answer that is none to this message."""
        if len(shares.items) != len(self.asks):
            raise UpstreamError(f"{len(self.asks)} allowances were asked for, and {len(shares.items)} came")

    def halves(self) -> "tuple[AllowanceMessage, AllowanceMessage]":
        """Return two messages that say together what this one does."""
        middle = len(self.accounts) // 2
        first = AllowanceMessage(self.accounts[:middle], self.asks[:middle], self.limits, self.sent_at)
        return first, AllowanceMessage(self.accounts[middle:], self.asks[middle:], self.limits, self.sent_at)
