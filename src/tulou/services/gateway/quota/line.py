"""The conversation with whoever counts: one message at a time, told again until it is answered."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from tulou.contracts.limits.messages import LeaseShares, Limit, Shares
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, TulouError
from tulou.kernel.ids import new_id
from tulou.ports.allowances import Allowances
from tulou.services.gateway.quota.account import Account
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.rules import Rules

TELL_S = 2.0
"""How long an answer is waited for before the message is told again."""
BACKOFF_S = 0.05
BACKOFF_MAX_S = 1.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Line:
    """`gateway` is new for each life of the process, so that what an earlier one held is not mistaken for ours."""

    def __init__(self, allowances: Allowances, *, clock: Clock, counters: QuotaCounters) -> None:
        self._allowances = allowances
        self._clock = clock
        self._counters = counters
        self._gateway = new_id("gw")
        self._told = 0
        self._pending: tuple[LeaseShares, Sequence[Account], Mapping[str, Limit], float] | None = None
        self.gateways = 1
        self.away = False
        self.told_at = 0.0

    @property
    def pending(self) -> bool:
        """Whether a message waits for its answer."""
        return self._pending is not None

    def put(self, accounts: Sequence[Account], rules: Rules, *, give_back: Sequence[Account]) -> None:
        """Write the next message; the one before has been answered."""
        now = self._clock.monotonic()
        self._told += 1
        idle = set(give_back)
        asks = tuple(account.ask(now, give_back=account in idle) for account in accounts)
        request = LeaseShares(gateway=self._gateway, told=f"{self._told:012}", asks=asks)
        named = {account.limit.name: rules.find(account.limit.name) or account.limit for account in accounts}
        self._pending = request, tuple(accounts), named, now

    async def tell(self) -> None:
        """Tell the message until it is answered."""
        pause = BACKOFF_S
        while self._pending is not None:
            if await self.tell_once():
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACKOFF_MAX_S)

    async def tell_once(self) -> bool:
        """Tell the message; return whether it was answered."""
        if self._pending is None:
            return True
        request, accounts, limits, sent_at = self._pending
        self._counters.messages.inc()
        try:
            async with asyncio.timeout(TELL_S):
                shares = await self._allowances.lease(request, limits)
        except ConflictError as error:
            log.warning("allowances_lost_track", error=str(error))
            self._begin_anew(accounts)
            return True
        except (TulouError, TimeoutError) as error:
            self._failed(error)
            return False
        self._answered(shares, accounts, sent_at)
        return True

    def _answered(self, shares: Shares, accounts: Sequence[Account], sent_at: float) -> None:
        self._pending = None
        now = self.told_at = self._clock.monotonic()
        self.gateways = shares.gateways
        self._set_away(away=False)
        for account, share in zip(accounts, shares.items, strict=True):
            account.answer(share, sent_at=sent_at, said_at=shares.at, now=now)

    def _failed(self, error: Exception) -> None:
        self._counters.failures.inc()
        if not self.away:
            log.warning("allowances_unreachable", error=str(error) or type(error).__name__)
        self._set_away(away=True)

    def _begin_anew(self, accounts: Sequence[Account]) -> None:
        """Speak as another gateway from now on: what this one held runs out."""
        self._pending = None
        self._gateway = new_id("gw")
        self._told = 0
        for account in accounts:
            account.lose()

    def _set_away(self, *, away: bool) -> None:
        self.away = away
        self._counters.away.set(1 if away else 0)
