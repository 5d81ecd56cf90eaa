"""What was set aside for one request, of every limit that binds it."""

from collections.abc import Callable, Sequence

from tulou.contracts.metering.messages import Amounts
from tulou.services.gateway.quota.account import ShareAccount


class QuotaReservation:
    """Ends once; every further word does nothing. `loose` are the accounts it runs without a share of.

    `cap` are the tokens of output in it for each answer of a client that does not say how many; None: it says, or
    nothing counts them.
    """

    __slots__ = ("_accounts", "_ended", "_loose", "_needs", "began", "cap", "open")

    def __init__(
        self,
        accounts: Sequence[ShareAccount],
        needs: Sequence[int],
        loose: frozenset[int],
        began: float,
        ended: "Callable[[QuotaReservation], object]",
        cap: int | None = None,
    ) -> None:
        self._accounts = accounts
        self._needs = needs
        self._loose = loose
        self._ended = ended
        self.began = began
        self.cap = cap
        self.open = True

    def settle(self, units: Amounts, cost: int) -> None:
        """Take what was used, `cost` in millionths, and give the rest back."""
        if not self.open:
            return
        self._end()
        loose = self._loose
        for place, account in enumerate(self._accounts):
            if loose and place in loose:
                account.end_loose(account.measure.taken(units, cost))
            elif not account.beginning:
                account.settle(self._needs[place], account.measure.taken(units, cost))

    def release(self) -> None:
        """Give everything back, as if nothing had been asked."""
        if not self.open:
            return
        self._end()
        for place, account in enumerate(self._accounts):
            if place in self._loose:
                account.end_loose(0)
            else:
                account.release(self._needs[place])

    def forget(self) -> None:
        """Settle at the estimate: nobody has ended it."""
        if not self.open:
            return
        self._end()
        for place, account in enumerate(self._accounts):
            if place in self._loose:
                account.end_loose(self._needs[place])
            else:
                account.settle(self._needs[place], self._needs[place])

    def _end(self) -> None:
        self.open = False
        self._ended(self)
