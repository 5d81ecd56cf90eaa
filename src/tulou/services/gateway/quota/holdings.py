"""All accounts of this process: bounded, found in one step, forgotten when nothing of them is left."""

from collections.abc import Iterable, Iterator, Sequence

from tulou.contracts.limits.measures import Estimate
from tulou.contracts.limits.messages import Limit, Scope
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.quota.account import ShareAccount
from tulou.services.gateway.quota.rules import LimitRules, subjects

BOUNDS_CAP = 20_000
"""Pairs of a key and a model whose limits are remembered."""
FEW = 8
"""Changed limits up to which it is looked for whom each concerns; of more, all is forgotten that was remembered."""


SILENT, LONG = Estimate(0, 0, 1, 1), Estimate(0, 1 << 20, 1, 1 << 20)
"""Estimates of a request that is answered by nothing, and of one that is answered at length."""


def is_capped(account: ShareAccount) -> bool:
    """Say whether a limit refuses by how much a request takes, which is known at its end."""
    return account.hard and account.measure.charged == "end"


class BindingAccounts:
    """The accounts that bind one key at one model.

    `capped` are the places of those that refuse by how much a request takes, `written` says that output is of it.
    """

    __slots__ = (
        *("accounts", "grant", "needs", "ones", "priced", "requests", "soft", "tokens", "weighed"),
        *("capped", "written"),
    )

    def __init__(self, grant: Grant, accounts: Sequence[ShareAccount]) -> None:
        self.grant = grant
        self.accounts = tuple(accounts)
        self.needs = tuple(account.measure.need for account in self.accounts)
        self.ones = (1,) * len(self.accounts)
        self.weighed = any(account.measure.charged == "end" for account in self.accounts)
        self.priced = any(account.measure.money for account in self.accounts)
        self.requests = tuple(account for account in self.accounts if account.measure.header == "requests")
        self.tokens = tuple(account for account in self.accounts if account.measure.header == "tokens")
        self.soft = frozenset(place for place, account in enumerate(self.accounts) if not account.hard)
        places = tuple(place for place, account in enumerate(self.accounts) if is_capped(account))
        self.capped = places
        self.written = any(self.needs[place](LONG) > self.needs[place](SILENT) for place in places)


class HeldShares:
    """Accounts by limit and subject; `live` are those that have something to tell."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._rules = LimitRules()
        self._accounts: dict[tuple[str, str], ShareAccount] = {}
        self._bounds: dict[tuple[str, str], BindingAccounts] = {}
        self._models: set[str] = set()  # that any of them is for
        self._made: dict[str, set[tuple[str, str]]] = {}  # those of keys that a key has made
        self._live: dict[ShareAccount, None] = {}

    def __len__(self) -> int:
        return len(self._accounts)

    @property
    def rules(self) -> LimitRules:
        """The limits in force."""
        return self._rules

    def obey(self, rules: LimitRules) -> None:
        """Take up other limits; one that counts something else now begins anew. The same rules again cost nothing."""
        if rules is self._rules:
            return
        changed, before, self._rules = rules.changed_since(self._rules), self._rules, rules
        if changed is None or len(changed) > FEW:
            self._forget()
            self._revise(tuple(self._accounts))
            return
        found = [limit for name in changed for limit in (before.find(name), rules.find(name)) if limit is not None]
        concerned: set[tuple[Scope, str]] = {(limit.scope, limit.subject) for limit in found}
        for scope, subject in concerned:
            self._unbind(scope, subject)
        for limit in found:
            self._revise(self._pairs_of(limit))

    def bounds(self, grant: Grant, model: str, now: float) -> BindingAccounts:
        """Return what binds a key at a model."""
        known = self._bounds.get((grant.key, model))
        if known is not None and (known.grant is grant or known.grant == grant):
            known.grant = grant  # the next look is quicker, and a snapshot that is gone is not held on to
            return known
        if len(self._bounds) >= BOUNDS_CAP:
            self._forget()
        made = BindingAccounts(
            grant, [self._take(limit, subject, now) for limit, subject in self._rules.binding(grant, model)]
        )
        self._bounds[grant.key, model] = made
        self._models.add(model)
        for maker in grant.makers:
            self._made.setdefault(maker, set()).add((grant.key, model))
        return made

    def enliven(self, account: ShareAccount) -> None:
        """Note that an account has something to tell."""
        if account not in self._live:
            self._live[account] = None
            self._accounts.setdefault((account.limit.name, account.subject), account)

    def live(self) -> Iterator[ShareAccount]:
        """Yield the accounts with something to tell; those that have nothing any more are left out from now on."""
        for account in tuple(self._live):
            if account.live:
                yield account
            else:
                del self._live[account]
                if self._rules.find(account.limit.name) is None:
                    self._drop((account.limit.name, account.subject), account)

    def evict(self) -> None:
        """Forget the oldest accounts that are at rest, while there are too many."""
        excess = len(self._accounts) - self._most
        if excess <= 0:
            return
        resting = (pair for pair, account in self._accounts.items() if not account.live)
        for pair in [pair for pair, _ in zip(resting, range(excess), strict=False)]:
            del self._accounts[pair]
        self._forget()  # they may name what has been forgotten

    def _revise(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Bring accounts up to the limits in force."""
        for pair in pairs:
            account, limit = self._accounts.get(pair), self._rules.find(pair[0])
            if account is None:
                continue
            if limit is not None and _same(limit, account.limit):
                account.define(limit)
            elif limit is not None or not account.live:
                self._drop(pair, account)

    def _pairs_of(self, limit: Limit) -> Sequence[tuple[str, str]]:
        if limit.subject:
            return [(limit.name, limit.subject)]
        return [pair for pair in self._accounts if pair[0] == limit.name]

    def _unbind(self, scope: Scope, subject: str) -> None:
        """Forget what binds those for whom a limit counts."""
        if not subject or scope == "house":
            self._forget()
        elif scope == "key":
            for model in self._models:
                self._bounds.pop((subject, model), None)
            for pair in self._made.pop(subject, ()):
                self._bounds.pop(pair, None)
        else:
            tenant = subject.partition("/")[0]
            near = [(pair, one.grant) for pair, one in self._bounds.items() if one.grant.tenant == tenant]
            for pair, grant in near:
                if subjects(grant)[scope] == subject:
                    del self._bounds[pair]

    def _forget(self) -> None:
        """Forget all that binds anybody."""
        self._bounds.clear()
        self._models.clear()
        self._made.clear()

    def _take(self, limit: Limit, subject: str, now: float) -> ShareAccount:
        account = self._accounts.get((limit.name, subject))
        if account is None:
            account = self._accounts[limit.name, subject] = ShareAccount(limit, subject, now)
        return account

    def _drop(self, pair: tuple[str, str], account: ShareAccount) -> None:
        if self._accounts.get(pair) is account:
            del self._accounts[pair]
        self._live.pop(account, None)


def _same(one: Limit, other: Limit) -> bool:
    return (one.measure, one.period, one.scope) == (other.measure, other.period, other.scope)


def shorts(accounts: Iterable[ShareAccount], needs: Sequence[int], now: float) -> list[tuple[ShareAccount, int]]:
    """Return the accounts that do not hold what is needed."""
    return [(account, need) for account, need in zip(accounts, needs, strict=True) if account.short(need, now)]
