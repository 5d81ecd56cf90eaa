"""What this process holds of one limit for one subject."""

import asyncio
from math import ceil

from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import Ask, Limit, Share
from tulou.rules.limits.soundness import UNITS_CAP
from tulou.rules.limits.terms import LimitTerms, terms_of
from tulou.services.gateway.quota.local import LocalShare

AHEAD_S = 1.0
"""For how long a share is to last."""
AHEAD_REQUESTS = 4
"""For how many requests it is to last at least."""
DENIED_S = 1.0
"""How long a refusal is believed at most: others may give back what they do not use."""
PACE_WEIGHT = 0.5


class ShareAccount:
    """What was granted is `used + reserved + free`: to be told, set aside for requests in flight, and for new ones.

    `over` was used beyond any grant, `pending` requests in flight run without one. `free` may be spent before `until`.
    `beginning`: a request uses of it when it begins; `places`: it is only held while a request runs.
    All times are this process's monotonic ones, so that no clock of another host matters.
    """

    __slots__ = (
        "_asked_at",
        "_keep",
        "_last_need",
        "_local",
        "_local_before",
        "_over_sent",
        "_pace",
        "_since_ask",
        "_used_sent",
        "aside_until",
        "asking",
        "beginning",
        "denied_until",
        "free",
        "hard",
        "lease",
        "left",
        "limit",
        "low",
        "measure",
        "over",
        "pending",
        "places",
        "reserved",
        "resets_at",
        "retry_at",
        "shown",
        "shown_until",
        "starving",
        "subject",
        "terms",
        "told_at",
        "unknown",
        "until",
        "used",
        "used_at",
        "waiters",
    )

    def __init__(self, limit: Limit, subject: str, now: float) -> None:
        self.limit = limit
        self.subject = subject
        self.measure = MEASURES[limit.measure]
        self.beginning = self.measure.charged == "beginning"
        self.places = self.measure.charged == "never"
        self.terms: LimitTerms = terms_of(limit)
        self.hard = self.terms.hard
        self.shown, self.shown_until = ((b"", b""), (b"", b"")), 0.0
        self.used = self.reserved = self.free = self.over = self.pending = 0
        self.lease = ""
        self.until = 0.0
        self.left = self.terms.capacity
        self.resets_at = now
        self.retry_at = self.denied_until = self.aside_until = 0.0
        self.low = -1
        self.used_at = self.told_at = now
        self.asking = self.unknown = self.starving = False
        self.waiters: dict[asyncio.Future[None], int] = {}
        self._used_sent = self._over_sent = self._keep = 0
        self._pace = 0.0
        self._since_ask = 0
        self._last_need = 1
        self._asked_at = now
        self._local: LocalShare | None = None
        self._local_before: LocalShare | None = None

    def define(self, limit: Limit) -> None:
        """Take up the limit as it is now; what it counts has not changed."""
        if limit != self.limit:
            self.limit = limit
            self.terms = terms_of(limit)
            self.hard = self.terms.hard
            self.shown_until = 0.0
            self._local = self._local_before = None

    @property
    def live(self) -> bool:
        """Whether there is something to tell, to give back or to wait for."""
        return bool(
            self.lease or self.used or self.over or self.reserved or self.pending or self.waiters or self.asking
        )

    @property
    def remaining(self) -> int:
        """What this process knows to be left, its own share with it."""
        return max(0, self.left + self.free) if self.free > 0 else self.left

    def short(self, need: int, now: float) -> bool:
        """Say whether a request cannot be served from what is held."""
        return self.hard and not self.unknown and (self.free < need or now >= self.until)

    def take(self, need: int, now: float) -> None:
        """Set units aside; a request itself is used at once, so that a rate of requests counts beginnings."""
        self.used_at = now
        self._since_ask += need
        self._last_need = need
        self.free -= need
        if self.beginning:
            self.used += need
        else:
            self.reserved += need

    def settle(self, need: int, units: int) -> None:
        """Count what a request used of what was set aside for it."""
        if self.beginning:
            return
        spent = 0 if self.places else units
        self.reserved -= need
        self.used += spent
        self.free += need - spent

    def release(self, need: int) -> None:
        """Take everything back; a request that has been told stays told."""
        if not self.beginning:
            self.reserved -= need
            self.free += need
        elif self.used - self._used_sent >= need:
            self.used -= need
            self.free += need

    def begin_loose(self, now: float) -> None:
        """Let a request run without a share: it says at its end what it used."""
        self.used_at = now
        self.pending += 1

    def end_loose(self, units: int) -> None:
        """Count what a request used that ran without a share."""
        self.pending -= 1
        if not self.places:
            self.over += units
        elif self._local is not None:
            self._local.back(1)

    def idle(self, now: float, after_s: float) -> bool:
        """Say whether a share lies idle: what is free of it should go back."""
        return self.free > 0 and not self.asking and not self.waiters and now - self.used_at >= after_s

    def due(self, now: float, after_s: float) -> bool:
        """Say whether there is something to tell: what was used a while ago, or that a lease goes on."""
        if self.asking:
            return False
        silent_s = now - self.told_at
        if self.used or self.over:
            return silent_s >= after_s
        return bool(self.lease) and silent_s >= max(after_s, (self.until - self.told_at) / 2)

    def local(self, gateways: int) -> LocalShare:
        """Return what is allowed while nobody can be asked; the same until somebody could be."""
        if self._local is None:
            left = self.left + max(0, self.free)
            self._local = LocalShare(self.terms, left=left, gateways=gateways, before=self._local_before)
        return self._local

    def ask(self, now: float, *, give_back: bool = False) -> Ask:
        """Return what to tell; what is told is remembered until it is answered."""
        if now >= self.until or give_back or self.free < 0:
            self.free = 0
        waited = sum(self.waiters.values())
        need = max(0, waited - self.free)
        self._used_sent, self._over_sent = _bounded(self.used), _bounded(self.over)
        self._keep = _bounded(self.reserved + self.free) if self.hard else 0
        self.asking = True
        return Ask(
            limit=self.limit.name,
            subject=self.subject,
            want=_bounded(need + (0 if give_back or not self.hard else self._ahead(waited, now))),
            lease=self.lease,
            used=self._used_sent,
            keep=self._keep,
            need=_bounded(need),
            least=_bounded(max(1, min(self.waiters.values(), default=1) - self.free)),
            over=self._over_sent,
        )

    def answer(self, share: Share, *, sent_at: float, said_at: float, now: float) -> None:
        """Take what was granted. A time that was said counts from when the message was first sent: that is earlier."""
        if share.refused:
            self.lose()
            return
        self.asking = self.starving = False
        self.told_at = now
        self.unknown = share.unknown
        self.used -= self._used_sent
        self.over -= self._over_sent
        self._used_sent = self._over_sent = 0
        self.free += share.granted - self._keep if self.hard else 0
        self.lease = share.lease
        self.until = sent_at + share.until - said_at
        self.left = share.left
        self.resets_at = sent_at + share.resets_at - said_at
        self.shown_until = 0.0
        self.retry_at = sent_at + share.retry_after_s
        self.denied_until = min(self.retry_at, now + DENIED_S) if share.retry_after_s else 0.0
        self.low = self.free // 4 if share.left else -1
        self._local_before, self._local = self._local or self._local_before, None
        self.wake()

    def lose(self) -> None:
        """Believe that what was told has been counted, and that nothing is held any more but for requests in flight."""
        self.asking = self.starving = False
        self.used -= self._used_sent
        self.over -= self._over_sent
        self._used_sent = self._over_sent = 0
        self.free, self.lease, self.until = 0, "", 0.0
        self.wake()

    def put_back(self, until: float) -> None:
        """Tell what was told again, after a while: it was not counted."""
        self.asking = self.starving = False
        self.aside_until = until
        self._used_sent = self._over_sent = 0
        self.wake()

    def wake(self) -> None:
        """Let all who wait look again."""
        waiters, self.waiters = self.waiters, {}
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _ahead(self, waited: int, now: float) -> int:
        """Return how much more than is waited for would last a while, given how fast it went."""
        passed = now - self._asked_at
        if passed > 0:
            self._pace += PACE_WEIGHT * (self._since_ask / passed - self._pace)
        used, self._since_ask, self._asked_at = self._since_ask, 0, now
        if not used and not waited:
            return 0
        wanted = max(ceil(self._pace * AHEAD_S), AHEAD_REQUESTS * max(waited, self._last_need), 2 * used)
        return max(0, wanted - max(0, self.free - waited))


def _bounded(units: int) -> int:
    """Return what of an amount can be told at once; the rest of what was used is told later."""
    return max(0, min(units, UNITS_CAP))
