"""Counts for all gateways, in the database: a crash at any moment loses nothing that was granted or settled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from tulou.contracts.limits.messages import Ask, LeaseShares, Limit, Share, Shares
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, TulouError
from tulou.ports.allowances import Level
from tulou.ports.database import Database, Transaction
from tulou.rules.limits.soundness import sound, with_faults
from tulou.rules.limits.terms import window
from tulou.services.limits import store
from tulou.services.limits.domain.account import LendingTerms, LimitAccount, resets_at, turn
from tulou.services.limits.domain.lending import lend, unknown
from tulou.services.limits.service.batching import Answers, MessageBatcher
from tulou.services.limits.service.definitions import Definitions
from tulou.services.limits.service.rates import RateAccounts, in_memory
from tulou.services.limits.service.warner import LimitWarner
from tulou.services.limits.settings import LimitsSettings
from tulou.services.limits.store import LastMessage, Pair

LEVELS_CAP = 10_000
"""Levels that are told of what is in the database, those first of which most is used."""
ALIVE_SWEEPS = 3
"""After how many sweeps without a word in the database nothing may be granted from memory."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Page:
    """The accounts that one transaction works on; `known` have a row."""

    accounts: dict[Pair, LimitAccount]
    known: frozenset[Pair]
    changed: dict[Pair, LimitAccount] = field(default_factory=dict[Pair, LimitAccount])

    def account(self, pair: Pair) -> LimitAccount:
        account = self.accounts.setdefault(pair, LimitAccount())
        self.changed[pair] = account
        return account


class Authority:
    """Implements `ports.allowances.Allowances` on the tables of the service; rates of up to a minute are in memory.

    Each message is counted once: its answer is kept, in the same transaction, until the gateway's next message.
    """

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        warner: LimitWarner,
        *,
        clock: Clock,
        settings: LimitsSettings,
    ) -> None:
        self._database = database
        self._definitions = definitions
        self._warner = warner
        self._clock = clock
        self._settings = settings
        self._rates = RateAccounts(definitions, most=settings.max_accounts, crashed_at=0.0)
        self._heard: dict[str, tuple[str, float, Shares]] = {}
        self._alive_at = 0.0
        self._batching = MessageBatcher(self._work)

    async def open(self) -> None:
        """Find out when the life before this one ended, at the latest."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            alive_at = await store.alive_at(tx)
            await store.take_turn(tx, now)
        crashed_at = min(now, alive_at + ALIVE_SWEEPS * self._settings.sweep_s) if alive_at else 0.0
        self._rates = RateAccounts(self._definitions, most=self._settings.max_accounts, crashed_at=crashed_at)
        self._alive_at = now

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        """Settle and grant; messages that come together share a transaction."""
        del limits  # the definitions here are newer
        counted, faults = sound(request)
        return with_faults(request, await self._batching(counted), faults)

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        """Return where limits stand now."""
        now = self._clock.now()
        units = {limit.name: self._definitions.units[limit.name] for limit in limits if limit.name in self._definitions}
        lasting = {name: unit for name, unit in units.items() if not in_memory(self._definitions.terms(name))}
        async with self._database.reading() as tx:
            accounts = await store.accounts_of(tx, lasting, limit=LEVELS_CAP)
        accounts |= self._rates.accounts_of(units)
        return [self._level(name, subject, account, now) for (name, subject), account in accounts.items()]

    async def forget(self, limit: str) -> None:
        """Forget what was counted of a limit."""
        self._rates.forget(limit)
        async with self._database.transaction() as tx:
            await store.forget(tx, limit)

    async def sweep(self) -> None:
        """Say that the authority lives, and forget what says nothing any more."""
        now, settings = self._clock.now(), self._settings
        self._rates.sweep(now=now, skew_s=settings.skew_s)
        self._heard = {name: heard for name, heard in self._heard.items() if self._silent_s(heard[1]) < settings.keep_s}
        async with self._database.transaction() as tx:
            await store.take_turn(tx, now)
            await store.forget_gateways(tx, before=now - settings.keep_s)
            await self._warner.forget(tx, now)
            for period in ("day", "month"):
                await store.purge(tx, period, before=window(period, now)[0], held=True)
            for period in ("hour", "none"):
                await store.purge(tx, period, before=now, held=False)
        self._alive_at = now

    async def _work(self, requests: Sequence[LeaseShares]) -> Answers:
        now = self._clock.now()
        answers: dict[int, Shares | TulouError] = {}
        fresh = {place: request for place, request in enumerate(requests) if self._is_fresh(place, request, answers)}
        active = self._count_active(request.gateway for request in fresh.values())
        lending = LendingTerms(lease_s=self._settings.lease_s, skew_s=self._settings.skew_s, gateways=active)
        lasting = await self._in_database(fresh, now, lending) if self._must_write(fresh, now) else {}
        for place, request in fresh.items():
            counted = lasting.get(place, {})
            if isinstance(counted, TulouError):
                answers[place] = counted
            else:
                answers[place] = self._answer(request, counted, now, lending)
        await self._warn_of_rates(fresh.values(), now)
        return [answers[place] for place in range(len(requests))]

    def _is_fresh(self, place: int, request: LeaseShares, answers: dict[int, Shares | TulouError]) -> bool:
        told, _, shares = self._heard.get(request.gateway, ("", 0.0, None))
        if shares is None or request.told > told:
            return True
        answers[place] = shares if request.told == told else _stale(request)
        return False

    def _answer(self, request: LeaseShares, counted: Mapping[Pair, Share], now: float, lending: LendingTerms) -> Shares:
        """Put the shares of the database and those of memory together, in the order in which they were asked for."""
        items = tuple(
            counted.get((ask.limit, ask.subject)) or self._lend(request, ask, now, lending) for ask in request.asks
        )
        shares = Shares(items=items, at=now, gateways=lending.gateways)
        self._heard[request.gateway] = request.told, self._clock.monotonic(), shares
        return shares

    def _lend(self, request: LeaseShares, ask: Ask, now: float, lending: LendingTerms) -> Share:
        if ask.limit not in self._definitions:
            return unknown(ask, now)
        return self._rates.lend(request.gateway, request.told, ask, now=now, lending=lending)

    def _count_active(self, asking: Iterable[str]) -> int:
        recent = {name for name, (_, at, _) in self._heard.items() if self._silent_s(at) < self._settings.active_s}
        return max(1, len(recent.union(asking)))

    def _silent_s(self, heard_at: float) -> float:
        return self._clock.monotonic() - heard_at

    def _must_write(self, requests: Mapping[int, LeaseShares], now: float) -> bool:
        if abs(now - self._alive_at) > (ALIVE_SWEEPS - 1) * self._settings.sweep_s:
            return True
        return any(self._lasts(ask) for request in requests.values() for ask in request.asks)

    def _lasts(self, ask: Ask) -> bool:
        return ask.limit in self._definitions and not in_memory(self._definitions.terms(ask.limit))

    async def _in_database(
        self, requests: Mapping[int, LeaseShares], now: float, lending: LendingTerms
    ) -> dict[int, dict[Pair, Share] | TulouError]:
        """Count what must outlive this process, all in one transaction."""
        asked = {(ask.limit, ask.subject) for request in requests.values() for ask in request.asks if self._lasts(ask)}
        async with self._database.transaction() as tx:
            await store.take_turn(tx, now)
            heard = await store.heard(tx, [request.gateway for request in requests.values()])
            found = await store.accounts(tx, sorted(asked), self._definitions.units)
            page = _Page(found, frozenset(found))
            counted = {
                place: self._count(request, heard.get(request.gateway), page, now, lending)
                for place, request in requests.items()
            }
            await store.save(tx, page.changed, self._definitions.units, page.known)
            for place, request in requests.items():
                await self._keep(tx, request, counted[place], now)
            unsaid = self._warner.unsaid(self._levels_of(page.changed.items(), now), now)
            await self._warner.say(tx, unsaid)
        self._warner.said(unsaid)
        self._alive_at = now
        return counted

    def _count(
        self, request: LeaseShares, heard: LastMessage | None, page: _Page, now: float, lending: LendingTerms
    ) -> dict[Pair, Share] | TulouError:
        if heard is not None and request.told <= heard.told:
            if request.told < heard.told:
                return _stale(request)
            latest = now + lending.lease_s  # the clock may have been set back since
            told_again = (replace(share, until=min(share.until, latest)) for share in heard.shares)
            return {(share.limit, share.subject): share for share in told_again}
        return {
            (ask.limit, ask.subject): lend(
                page.account((ask.limit, ask.subject)),
                self._definitions.terms(ask.limit),
                gateway=request.gateway,
                told=request.told,
                ask=ask,
                now=now,
                lending=lending,
            )
            for ask in request.asks
            if self._lasts(ask)
        }

    async def _keep(
        self, tx: Transaction, request: LeaseShares, counted: dict[Pair, Share] | TulouError, now: float
    ) -> None:
        if not isinstance(counted, TulouError) and counted:
            heard = LastMessage(told=request.told, shares=tuple(counted.values()))
            await store.hear(tx, request.gateway, heard, at=now)

    async def _warn_of_rates(self, requests: Iterable[LeaseShares], now: float) -> None:
        """Publish what memory says; it is counted already, so a database that is away must not lose the answer."""
        pairs = {(ask.limit, ask.subject) for request in requests for ask in request.asks if not self._lasts(ask)}
        accounts = [(pair, account) for pair in pairs if (account := self._rates.find(pair)) is not None]
        unsaid = self._warner.unsaid(self._levels_of(accounts, now), now)
        if not unsaid:
            return
        try:
            async with self._database.transaction() as tx:
                await self._warner.say(tx, unsaid)
        except TulouError as error:
            log.warning("limit_warning_not_kept", error=str(error))
            return
        self._warner.said(unsaid)

    def _levels_of(self, accounts: Iterable[tuple[Pair, LimitAccount]], now: float) -> Iterable[tuple[Limit, Level]]:
        for (name, subject), account in accounts:
            if name in self._definitions:
                yield self._definitions[name], self._level(name, subject, account, now)

    def _level(self, name: str, subject: str, account: LimitAccount, now: float) -> Level:
        terms = self._definitions.terms(name)
        turn(account, terms, now=now, skew_s=self._settings.skew_s)
        used = round(account.level(terms, now))
        resets = resets_at(account, terms, now)
        return Level(limit=name, subject=subject, used=used, held=account.holding, resets_at=resets)


def _stale(request: LeaseShares) -> ConflictError:
    return ConflictError(f"gateway {request.gateway} has told something after {request.told} already; it counted then")
