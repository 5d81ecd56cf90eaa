"""The conversation with whoever counts: one message at a time, told again until it is answered.

A message that is answered with an error is not told for ever: halved until the ask is found that cannot be counted,
which alone is dropped, so that no ask holds up those of others.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog

from tulou.contracts.limits.messages import LeaseShares, Shares
from tulou.kernel.clock import Clock
from tulou.kernel.errors import (
    ConflictError,
    DeadlineError,
    InvalidError,
    LimitedError,
    TooLargeError,
    TulouError,
    UnavailableError,
    UpstreamError,
)
from tulou.kernel.ids import new_id
from tulou.ports.allowances import Allowances
from tulou.services.gateway.quota.account import ShareAccount
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.message import AllowanceMessage
from tulou.services.gateway.quota.rules import LimitRules

TELL_S = 2.0
"""How long an answer is waited for before the message is told again."""
SILENT_S = 1.0
"""How long the authority may think before requests whose time is over do what holds while it is away."""
BACKOFF_S = 0.05
BACKOFF_MAX_S = 1.0
TRIES = 5
"""How often an answer that says nothing of the message may be an error, before the message is taken for its cause."""
ASIDE_S = 60.0
"""For how long an ask is set aside that the authority fails at."""

AWAY = (UnavailableError, DeadlineError, LimitedError, UpstreamError, TimeoutError)
IMPOSSIBLE = (InvalidError, TooLargeError)

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class AllowanceLine:
    """`gateway` is new for each life of the process, so that what an earlier one held is not mistaken for ours."""

    def __init__(self, allowances: Allowances, *, clock: Clock, counters: QuotaCounters) -> None:
        self._allowances = allowances
        self._clock = clock
        self._counters = counters
        self._gateway = new_id("gw")
        self._told = 0
        self._messages: deque[AllowanceMessage] = deque()
        self._asked_at: float | None = None
        self.gateways = 1
        self.away = False
        self.told_at = 0.0

    def silent(self, now: float) -> bool:
        """Say whether nobody has answered for a while, though nobody is known to be away yet."""
        return self._asked_at is not None and now - self._asked_at >= SILENT_S

    @property
    def pending(self) -> bool:
        """Whether a message waits for its answer."""
        return bool(self._messages)

    def put(self, accounts: Sequence[ShareAccount], rules: LimitRules, *, give_back: Sequence[ShareAccount]) -> None:
        """Write the next message; the one before has been answered."""
        now = self._clock.monotonic()
        idle = set(give_back)
        asks = tuple(account.ask(now, give_back=account in idle) for account in accounts)
        named = {account.limit.name: rules.find(account.limit.name) or account.limit for account in accounts}
        self._messages.append(AllowanceMessage(tuple(accounts), asks, named, now))

    async def tell(self) -> None:
        """Tell the message until it is answered."""
        pause = BACKOFF_S
        while self._messages:
            if await self.tell_once():
                pause = BACKOFF_S
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, BACKOFF_MAX_S)

    async def tell_once(self) -> bool:
        """Tell the message; return whether it needs not be told again."""
        if not self._messages:
            return True
        message = self._messages[0]
        self._counters.messages.inc()
        try:
            shares = await self._lease(message)
        except ConflictError as error:
            log.warning("allowances_lost_track", error=str(error))
            self._begin_anew()
            return True
        except AWAY as error:
            self._failed(error)
            return False
        except TulouError as error:
            return self._judge(message, error)
        self._answered(message, shares)
        return True

    async def _lease(self, message: AllowanceMessage) -> Shares:
        self._asked_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(TELL_S):
                shares = await self._allowances.lease(self._numbered(message), message.limits)
        finally:
            self._asked_at = None
        message.check(shares)
        return shares

    def _numbered(self, message: AllowanceMessage) -> LeaseShares:
        """Return the message as it was told first: parts of one get their numbers when it is their turn."""
        if message.request is None:
            self._told += 1
            message.request = LeaseShares(gateway=self._gateway, told=f"{self._told:012}", asks=message.asks)
        return message.request

    def _answered(self, message: AllowanceMessage, shares: Shares) -> None:
        self._messages.popleft()
        now = self.told_at = self._clock.monotonic()
        self.gateways = shares.gateways
        self._set_away(away=False)
        for account, share in zip(message.accounts, shares.items, strict=True):
            if share.refused:
                self._refused(account, share.refused)
            account.answer(share, sent_at=message.sent_at, said_at=shares.at, now=now)

    def _judge(self, message: AllowanceMessage, error: TulouError) -> bool:
        """Decide what follows from an answer that is an error: another try, two halves, or an end."""
        message.failures += 1
        self._counters.failures.inc()
        impossible = isinstance(error, IMPOSSIBLE)
        if not impossible and message.failures < TRIES:
            return False
        self._messages.popleft()
        if len(message.accounts) > 1:
            self._messages.extendleft(reversed(message.halves()))
            return True
        for account in message.accounts:
            self._refused(account, str(error))
            if impossible:
                account.lose()
            else:
                account.put_back(self._clock.monotonic() + ASIDE_S)
        return True

    def _refused(self, account: ShareAccount, why: str) -> None:
        self._counters.unsound.inc()
        log.error("allowance_not_counted", limit=account.limit.name, subject=account.subject, why=why)

    def _failed(self, error: Exception) -> None:
        self._counters.failures.inc()
        if not self.away:
            log.warning("allowances_unreachable", error=str(error) or type(error).__name__)
        self._set_away(away=True)

    def _begin_anew(self) -> None:
        """Speak as another gateway from now on: what this one held runs out."""
        for message in self._messages:
            for account in message.accounts:
                account.lose()
        self._messages.clear()
        self._gateway = new_id("gw")
        self._told = 0

    def _set_away(self, *, away: bool) -> None:
        self.away = away
        self._counters.away.set(1 if away else 0)
