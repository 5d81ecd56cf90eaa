"""Accounts of rates of a second or a minute: in memory, since each would cost more to write than it is worth."""

from collections.abc import Mapping

from tulou.contracts.limits.messages import Ask, Share
from tulou.rules.limits.terms import LimitTerms
from tulou.services.limits.domain.account import LendingTerms, LimitAccount, turn
from tulou.services.limits.domain.lending import full, lend
from tulou.services.limits.service.definitions import Definitions

Pair = tuple[str, str]
FULL_RETRY_S = 1.0


def in_memory(terms: LimitTerms) -> bool:
    """Say whether what a limit counts is gone within a minute anyway."""
    return terms.kind == "rate" and terms.period in ("second", "minute")


class RateAccounts:
    """A rate that was there at the beginning begins with its whole capacity used at the crash, and drains from there.

    `crashed_at` is the latest time at which it may have happened; 0 if there never was a life before this one.
    """

    def __init__(self, definitions: Definitions, *, most: int, crashed_at: float) -> None:
        self._definitions = definitions
        self._most = most
        self._crashed_at = crashed_at
        self._there = {name: definitions.made_at(name) for name in definitions}
        self._accounts: dict[Pair, tuple[str, LimitAccount]] = {}

    def lend(self, gateway: str, told: str, ask: Ask, *, now: float, lending: LendingTerms) -> Share:
        """Answer an ask."""
        account = self._take(ask, now)
        if account is None:
            return full(ask, now, retry_after_s=FULL_RETRY_S)
        terms = self._definitions.terms(ask.limit)
        return lend(account, terms, gateway=gateway, told=told, ask=ask, now=now, lending=lending)

    def accounts_of(self, units: Mapping[str, str]) -> dict[Pair, LimitAccount]:
        """Return the accounts of limits that count in the units named."""
        return {pair: account for pair, (unit, account) in self._accounts.items() if units.get(pair[0]) == unit}

    def find(self, pair: Pair) -> LimitAccount | None:
        """Return an account, or None."""
        found = self._accounts.get(pair)
        return found[1] if found else None

    def forget(self, name: str) -> None:
        """Drop the accounts of a limit."""
        for pair in [pair for pair in self._accounts if pair[0] == name]:
            del self._accounts[pair]

    def sweep(self, *, now: float, skew_s: float) -> None:
        """Drop the accounts that say nothing any more."""
        for pair, (_, account) in tuple(self._accounts.items()):
            if pair[0] in self._definitions:
                turn(account, self._definitions.terms(pair[0]), now=now, skew_s=skew_s)
                if account.held or account.at > now:
                    continue
            del self._accounts[pair]

    def _take(self, ask: Ask, now: float) -> LimitAccount | None:
        """Return the account, a new one if need be; None when there are too many."""
        pair, unit = (ask.limit, ask.subject), self._definitions.units[ask.limit]
        found = self._accounts.get(pair)
        if found is not None and found[0] == unit:
            return found[1]
        if found is None and len(self._accounts) >= self._most:
            return None
        account = LimitAccount(at=self._begins_at(ask.limit, now))
        self._accounts[pair] = unit, account
        return account

    def _begins_at(self, name: str, now: float) -> float:
        if self._there.get(name) != self._definitions.made_at(name):
            return 0.0
        self._crashed_at = min(self._crashed_at, now)  # the clock may have been set back since
        return self._crashed_at + self._definitions.terms(name).period_s
