"""All accounts of this process: bounded, found in one step, forgotten when nothing of them is left."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tulou.contracts.limits.messages import Limit
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.quota.account import MEASURES, PLACES, REQUESTS, TOKENS, Account
from tulou.services.gateway.quota.rules import Rules

BOUNDS_CAP = 20_000
"""Pairs of a key and a model whose limits are remembered."""
EVICTION_TRIES = 32

_COST = MEASURES["cost"]


class Bounds:
    """The accounts that bind one key at one model."""

    __slots__ = ("accounts", "grant", "measures", "ones", "priced", "requests", "soft", "tokens", "weighed")

    def __init__(self, grant: Grant, accounts: Sequence[Account]) -> None:
        self.grant = grant
        self.accounts = tuple(accounts)
        self.measures = tuple(account.measure for account in self.accounts)
        self.ones = (1,) * len(self.accounts)
        self.weighed = any(account.measure not in (REQUESTS, PLACES) for account in self.accounts)
        self.priced = any(account.measure == _COST for account in self.accounts)
        self.requests = tuple(account for account in self.accounts if account.measure == REQUESTS)
        self.tokens = tuple(account for account in self.accounts if account.measure in TOKENS)
        self.soft = frozenset(place for place, account in enumerate(self.accounts) if not account.hard)


class Holdings:
    """Accounts by limit and subject; `live` are those that have something to tell."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._rules = Rules(())
        self._accounts: dict[tuple[str, str], Account] = {}
        self._bounds: dict[tuple[str, str], Bounds] = {}
        self._live: dict[Account, None] = {}

    def __len__(self) -> int:
        return len(self._accounts)

    @property
    def limits(self) -> Mapping[str, Limit]:
        """The limits in force."""
        return self._rules.limits

    def obey(self, rules: Rules) -> None:
        """Take up other limits; one that counts something else now begins anew."""
        self._rules = rules
        self._bounds.clear()
        for pair, account in tuple(self._accounts.items()):
            limit = rules.limits.get(pair[0])
            if limit is not None and _same(limit, account.limit):
                account.define(limit)
            elif limit is not None or not account.live:
                self._drop(pair, account)

    def bounds(self, grant: Grant, model: str, now: float) -> Bounds:
        """Return what binds a key at a model."""
        known = self._bounds.get((grant.key, model))
        if known is not None and (known.grant is grant or known.grant == grant):
            known.grant = grant  # the next look is quicker, and a snapshot that is gone is not held on to
            return known
        if len(self._bounds) >= BOUNDS_CAP:
            self._bounds.clear()
        made = Bounds(grant, [self._take(limit, subject, now) for limit, subject in self._rules.binding(grant, model)])
        self._bounds[grant.key, model] = made
        return made

    def enliven(self, account: Account) -> None:
        """Note that an account has something to tell."""
        if account not in self._live:
            self._live[account] = None
            self._accounts.setdefault((account.limit.name, account.subject), account)

    def live(self) -> Iterator[Account]:
        """Yield the accounts with something to tell; those that have nothing any more are left out from now on."""
        for account in tuple(self._live):
            if account.live:
                yield account
            else:
                del self._live[account]
                if account.limit.name not in self._rules.limits:
                    self._drop((account.limit.name, account.subject), account)

    def evict(self) -> None:
        """Forget the oldest accounts that are at rest, while there are too many."""
        excess = len(self._accounts) - self._most
        if excess <= 0:
            return
        resting = (pair for pair, account in self._accounts.items() if not account.live)
        for pair in [pair for pair, _ in zip(resting, range(excess), strict=False)]:
            del self._accounts[pair]
        self._bounds.clear()  # they may name what has been forgotten

    def _take(self, limit: Limit, subject: str, now: float) -> Account:
        account = self._accounts.get((limit.name, subject))
        if account is None:
            account = self._accounts[limit.name, subject] = Account(limit, subject, now)
        return account

    def _drop(self, pair: tuple[str, str], account: Account) -> None:
        if self._accounts.get(pair) is account:
            del self._accounts[pair]
        self._live.pop(account, None)


def _same(one: Limit, other: Limit) -> bool:
    return (one.measure, one.period, one.scope) == (other.measure, other.period, other.scope)


def shorts(accounts: Iterable[Account], needs: Sequence[int], now: float) -> list[tuple[Account, int]]:
    """Return the accounts that do not hold what is needed."""
    return [(account, need) for account, need in zip(accounts, needs, strict=True) if account.short(need, now)]
