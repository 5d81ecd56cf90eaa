"""Says, once a period for each of a limit's `warn_at`, that this much of it is used up."""

from collections.abc import Iterable, Sequence

import structlog

from tulou.chassis.outbox import Outbox
from tulou.contracts.limits.events import LIMIT_WARNED, LimitWarned
from tulou.contracts.limits.messages import Limit
from tulou.ports.allowances import Level
from tulou.ports.database import Transaction
from tulou.services.limits import store
from tulou.services.limits.domain.warning import due, period_of

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

SAID_CAP = 100_000
LONGEST_S = 32 * 86_400.0
RATES_S = 2 * 3600.0
"""How long it is remembered that a month, or a rate's hour or minute, has been warned of."""

Said = tuple[str, str, float, float]
"""Limit, subject, beginning of the period, share of the amount."""


class LimitWarner:
    """What has been said is in the database; what this process knows to be said, it need not look up."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._said: dict[Said, None] = {}

    def unsaid(self, levels: Iterable[tuple[Limit, Level]], now: float) -> list[tuple[Limit, Said]]:
        """Return the warnings that are due and may not have been given."""
        found: list[tuple[Limit, Said]] = []
        for limit, level in levels:
            for share in due(limit, level):
                said = limit.name, level.subject, period_of(limit, now), share
                if said not in self._said:
                    found.append((limit, said))
        return found

    async def say(self, tx: Transaction, unsaid: Sequence[tuple[Limit, Said]]) -> None:
        """Publish warnings, each once, with the transaction."""
        for limit, (name, subject, period, share) in unsaid:
            if await store.warn_once(tx, (name, subject), period=period, share=share):
                log.warning("limit_warned", limit=name, subject=subject, share=share)
                fact = LimitWarned(name=name, subject=subject, share=share)
                await self._outbox.add(tx, LIMIT_WARNED, fact, tenant=limit.tenant)

    def said(self, unsaid: Sequence[tuple[Limit, Said]]) -> None:
        """Remember warnings whose transaction is committed."""
        self._said |= dict.fromkeys(said for _, said in unsaid)
        while len(self._said) > SAID_CAP:
            del self._said[next(iter(self._said))]

    async def forget(self, tx: Transaction, now: float) -> None:
        """Forget what was said in periods that are long over."""
        await store.forget_warnings(tx, before=now - LONGEST_S, rates_before=now - RATES_S)

    async def begin_anew(self, tx: Transaction, name: str) -> None:
        """Forget what was said of a limit: it means something else from now on."""
        await store.warn_anew(tx, name)
        self._said = {said: None for said in self._said if said[0] != name}
