"""Holds this process's shares: takes from them, asks for more before they run dry, gives back what lies idle."""

import asyncio
import contextlib
from collections.abc import Sequence

from tulou.contracts.routing.messages import Grant
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.ports.allowances import Allowances
from tulou.services.gateway.quota.account import ShareAccount
from tulou.services.gateway.quota.away import take_locally
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.estimate_input import EstimateInput
from tulou.services.gateway.quota.holdings import BindingAccounts, HeldShares, shorts
from tulou.services.gateway.quota.line import AllowanceLine
from tulou.services.gateway.quota.price import CostEstimate, free
from tulou.services.gateway.quota.refusals import QuotaError, contended, in_currency, reached
from tulou.services.gateway.quota.reservation import QuotaReservation
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.quota.settings import QuotaSettings
from tulou.services.gateway.quota.weighing import UNCOUNTED, check_fits, fit, left_for, small, weigh

SWEEP_S = 0.25
HEARTBEAT_S = 5.0
"""How often a gateway with nothing to tell says that it is there, and so counts among those that share."""
TOGETHER = 500
"""Asks in one message."""
CONTENDED_S = 0.1
"""When to come back, told to a request whose share others took first until its time was over."""
SHORTENED = 3
"""Lengths that are asked for an answer of unsaid length, each shorter, before it is as short as the setting says."""
GOODBYE_S = 1.0


class QuotaKeeper:
    """One for a process. What it has in hand is taken without waiting; everything else is asked for in batches."""

    def __init__(
        self, allowances: Allowances, *, clock: Clock, settings: QuotaSettings, counters: QuotaCounters
    ) -> None:
        self.now = self._monotonic = clock.monotonic
        self._settings = settings
        self._counters = counters
        self._line = AllowanceLine(allowances, clock=clock, counters=counters)
        self._holdings = HeldShares(most=settings.subjects)
        self._price: CostEstimate = free
        self._currency = "USD"
        self._hungry: dict[ShareAccount, None] = {}
        self._open: dict[QuotaReservation, None] = {}
        self._news = asyncio.Event()
        self._swept_at = 0.0
        counters.accounts.set_function(lambda: self.accounts)

    @property
    def accounts(self) -> int:
        """How many limits of subjects are in memory."""
        return len(self._holdings)

    def compile(self, rules: LimitRules, *, price: CostEstimate = free, currency: str = "USD") -> None:
        """Put a snapshot's limits and prices in force."""
        self._price, self._currency = price, currency
        self.obey(rules)

    def obey(self, rules: LimitRules) -> None:
        """Put limits in force; those that were made of the ones before cost what has changed."""
        self._holdings.obey(rules)

    def bounds(self, grant: Grant, model: str, now: float) -> BindingAccounts:
        """Return what binds a key at a model."""
        return self._holdings.bounds(grant, model, now)

    @property
    def output_tokens(self) -> int:
        """The tokens that are set aside for an answer of which neither the client nor what is served says how long."""
        return self._settings.output_tokens

    def take(
        self, bounds: BindingAccounts, call: EstimateInput, now: float, tokens: int = 0
    ) -> QuotaReservation | None:
        """Set aside what a call may take of every limit, or nothing if more than is in hand is needed.

        `tokens` are those of an answer whose client says no cap, as far as the limits have room for them at all; 0: as
        the setting says.
        """
        tokens = tokens or self._settings.output_tokens
        needs, said = weigh(bounds, call, self._price, tokens)
        if said:
            return self._take(bounds, needs, now)
        cap = small(bounds, needs, tokens)
        if cap is None:
            needs, cap = fit(bounds, call, self._price, tokens)
        return self._take(bounds, needs, now, cap)

    async def wait(self, bounds: BindingAccounts, call: EstimateInput, tokens: int = 0) -> QuotaReservation:
        """Ask for what is needed; raise `QuotaError`, or `LimitsAwayError` where nobody could be asked.

        For a client that says no cap it is what is left where that is less, at least as much as the setting says.
        """
        tokens = tokens or self._settings.output_tokens
        try:
            needs, said = weigh(bounds, call, self._price, tokens)
            if not said:
                return await self._wait_unsaid(bounds, call, tokens)
            check_fits(bounds, needs)
            return await self._wait(bounds, needs)
        except TulouError as error:
            in_currency(error, self._currency)
            self._counters.refused.labels(error.code).inc()
            raise

    async def run(self) -> None:
        """Tell and ask until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_S):
                    await self._news.wait()
            self._news.clear()
            self.write()
            await self._line.tell()
            if self._hungry:
                self._news.set()

    def write(self) -> None:
        """Write the next message, if there is something to say and the one before was answered."""
        now = self._monotonic()
        idle: list[ShareAccount] = []
        if now - self._swept_at >= SWEEP_S:
            idle = self._sweep(now)
        accounts = self._next()
        quiet = len(self._holdings.rules) and now - self._line.told_at >= HEARTBEAT_S
        if not self._line.pending and (accounts or quiet):
            self._line.put(accounts, self._holdings.rules, give_back=idle)

    async def tell_once(self) -> bool:
        """Tell the message that is written; return whether none is left to tell. `run` does so by itself."""
        return await self._line.tell_once()

    async def close(self) -> None:
        """Give everything back; what requests in flight hold runs out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await self._line.tell()
                accounts = list(self._holdings.live())
                for start in range(0, len(accounts), TOGETHER):
                    some = accounts[start : start + TOGETHER]
                    self._line.put(some, self._holdings.rules, give_back=some)
                    await self._line.tell()

    def _take(
        self, bounds: BindingAccounts, needs: Sequence[int], now: float, cap: int | None = None
    ) -> QuotaReservation | None:
        """Take all that is needed from what is in hand, or nothing."""
        for account, need in zip(bounds.accounts, needs, strict=True):
            if (account.free < need or now >= account.until) and account.hard and not account.unknown:
                return None
        return self._reserved(bounds, needs, bounds.soft, now, cap)

    def _reserved(
        self, bounds: BindingAccounts, needs: Sequence[int], loose: frozenset[int], now: float, cap: int | None
    ) -> QuotaReservation:
        for place in loose:
            account = bounds.accounts[place]
            account.begin_loose(now)
            self._holdings.enliven(account)
        for place, account in enumerate(bounds.accounts):
            if not loose or place not in loose:
                account.take(needs[place], now)
                if account.free <= account.low:
                    account.low = -1
                    self._feed(account)
        reservation = QuotaReservation(bounds.accounts, needs, loose, now, self._open.pop, cap)
        self._open[reservation] = None
        return reservation

    async def _wait_unsaid(self, bounds: BindingAccounts, call: EstimateInput, tokens: int) -> QuotaReservation:
        """Ask for as many tokens of output for an answer, else for as many as are left, at least those of the setting.

        Others may take of what is left meanwhile.
        """
        least = self._settings.output_tokens
        for _ in range(SHORTENED):
            needs, cap = fit(bounds, call, self._price, tokens)
            try:
                return await self._wait(bounds, needs, cap)
            except QuotaError:
                if cap <= least or cap == UNCOUNTED:
                    raise
            tokens = left_for(bounds, call, self._price, least=least, most=cap - 1)
        needs, cap = fit(bounds, call, self._price, least)
        return await self._wait(bounds, needs, cap)

    async def _wait(self, bounds: BindingAccounts, needs: Sequence[int], cap: int | None = None) -> QuotaReservation:
        """Ask for what is short until it is there, refused, or late."""
        self._counters.waited.inc()
        began = now = self._monotonic()
        until = began + self._settings.ask_s
        while (taken := self._take(bounds, needs, now, cap)) is None:
            short = shorts(bounds.accounts, needs, now)
            for account, need in short:
                _check_denied(account, need, now)
            aside = any(now < account.aside_until for account, _ in short)
            if self._line.away or aside or now >= until:
                if not (self._line.away or aside or self._line.silent(now)):
                    _check_contended(short, since=began)
                return self._take_loose(bounds, needs, now, cap)
            await self._ask_for(short, until - now)
            now = self._monotonic()
        return taken

    async def _ask_for(self, short: Sequence[tuple[ShareAccount, int]], within_s: float) -> None:
        """Wait until all of them were answered, or for so long."""
        loop = asyncio.get_running_loop()
        waiting = [(loop.create_future(), account) for account, _ in short]
        try:
            for (future, account), (_, need) in zip(waiting, short, strict=True):
                account.waiters[future] = need
                self._feed(account)
            await asyncio.wait([future for future, _ in waiting], timeout=within_s)
        finally:
            for future, account in waiting:
                account.waiters.pop(future, None)

    def _take_loose(
        self, bounds: BindingAccounts, needs: Sequence[int], now: float, cap: int | None
    ) -> QuotaReservation:
        loose = take_locally(bounds.accounts, needs, now=now, gateways=self._line.gateways)
        self._counters.loose.inc()
        return self._reserved(bounds, needs, loose | bounds.soft, now, cap)

    def _feed(self, account: ShareAccount) -> None:
        account.starving = True
        self._holdings.enliven(account)
        self._hungry[account] = None
        self._news.set()

    def _next(self) -> list[ShareAccount]:
        """Take the accounts that are to speak; the answer to an earlier message has satisfied some of them."""
        taken: list[ShareAccount] = []
        now = self._monotonic()
        for account in tuple(self._hungry):
            if len(taken) == TOGETHER:
                break
            del self._hungry[account]
            if now >= account.aside_until and (account.starving or account.waiters):
                taken.append(account)
        return taken

    def _sweep(self, now: float) -> list[ShareAccount]:
        """Find accounts that should speak, and return those whose shares lie idle."""
        self._swept_at = now
        self._forget_lost(now)
        idle: list[ShareAccount] = []
        for account in self._holdings.live():
            if account.idle(now, self._settings.idle_s):
                idle.append(account)
                self._feed(account)
            elif account.due(now, self._settings.tell_s):
                self._feed(account)
        self._holdings.evict()
        return idle

    def _forget_lost(self, now: float) -> None:
        """Settle reservations that nobody has ended; they stand in the order in which they were made."""
        while self._open and (oldest := next(iter(self._open))).began < now - self._settings.reserved_s:
            oldest.forget()
            self._counters.forgotten.inc()


def _check_denied(account: ShareAccount, need: int, now: float) -> None:
    """Raise when a request is refused that needs more than there was a moment ago."""
    if now < account.denied_until and need > max(0, account.free) + account.left:
        left = max(0, account.free) + account.left
        raise reached(account.limit, need=need, left=left, retry_after_s=max(0.001, account.retry_at - now))


def _check_contended(short: Sequence[tuple[ShareAccount, int]], *, since: float) -> None:
    """Raise when the authority did answer, but others were faster each time; it alone says that a limit is reached."""
    for account, need in short:
        if account.told_at <= since:
            continue
        left = max(0, account.free) + account.left
        if need > left:
            raise reached(account.limit, need=need, left=left, retry_after_s=CONTENDED_S)
        raise contended(account.limit, retry_after_s=CONTENDED_S)
