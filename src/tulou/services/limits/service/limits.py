"""The use cases of the limits service."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import structlog

from tulou.chassis.outbox import Outbox
from tulou.chassis.reach import Reach, reach
from tulou.chassis.validation import rejections
from tulou.contracts.limits.events import LIMIT_CHANGED, LimitChanged
from tulou.contracts.limits.messages import (
    GetStanding,
    LeaseShares,
    Limit,
    LimitList,
    LimitPage,
    ListLimits,
    NameLimit,
    ReadLimits,
    Replayed,
    ReplayLimits,
    Shares,
    StandingList,
    ValidateLimits,
)
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ForbiddenError, LimitedError, NotFoundError, TulouError
from tulou.kernel.message import Done, Rejections
from tulou.ports.allowances import Allowances, Level
from tulou.ports.database import Database, Transaction
from tulou.services.limits import store
from tulou.services.limits.domain.checking import check
from tulou.services.limits.domain.forecast import standing, unused
from tulou.services.limits.domain.naming import base, qualified, shown
from tulou.services.limits.domain.reach import covers, own
from tulou.services.limits.domain.replay import replay
from tulou.services.limits.service.definitions import PAGE, Definitions
from tulou.services.limits.service.warner import LimitWarner
from tulou.services.limits.settings import LimitsSettings
from tulou.services.limits.store import StoredLimit, unit_of

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class LimitsService:
    """Implements `contracts.limits.Limits`; counting is the business of the allowances it is given."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        allowances: Allowances,
        *,
        definitions: Definitions,
        warner: LimitWarner,
        clock: Clock,
        settings: LimitsSettings,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._allowances = allowances
        self._definitions = definitions
        self._warner = warner
        self._clock = clock
        self._settings = settings

    async def limits(self, request: ListLimits) -> LimitList:
        """Return the limits that the caller sees."""
        bounds = reach()
        return LimitList(items=tuple(shown(await self._visible(bounds.tenant(request.tenant), bounds), bounds)))

    async def read(self, request: ReadLimits) -> LimitPage:
        """Return limits by name, or a page of all, of those that the caller sees."""
        most = max(1, min(request.limit, PAGE))
        if request.names:
            found, following = await self._definitions.read_again(request.names), None
        else:
            found = await self._definitions.page(after=request.after, limit=most)
            following = found[-1].name if len(found) == most else None
        bounds = reach()
        return LimitPage(items=tuple(shown((one for one in found if covers(bounds, one)), bounds)), next=following)

    async def put_limit(self, request: Limit) -> Limit:
        """Make or replace a limit; one that counts something else than before, or for others, begins unused."""
        bounds = reach()
        wanted = own(bounds, request)
        async with self._database.transaction() as tx:
            known = await _find(tx, request.name, bounds)
            name = known.limit.name if known is not None else qualified(request.name, bounds)
            limit = check(replace(wanted, name=name))
            _check_kept(known, bounds)
            if known is None:
                await self._check_room(tx, limit, bounds)
            same = known is not None and _counts_alike(known.limit, limit)
            made_at = known.made_at if known is not None and same else self._clock.now()
            await store.put(tx, StoredLimit(limit=limit, made_at=made_at))
            if known is not None and (not same or limit.amount > known.limit.amount):
                await self._warner.begin_anew(tx, limit.name)
            await self._outbox.add(tx, LIMIT_CHANGED, LimitChanged(name=limit.name), tenant=limit.tenant)
        await self._definitions.read_again([limit.name])
        if known is not None and not same:
            await self._forget(limit.name)
        return shown((limit,), bounds)[0]

    async def validate_limits(self, request: ValidateLimits) -> Rejections:
        """Say which limits would be refused, and why."""
        return rejections(((limit.name, limit) for limit in request.items), check)

    async def delete_limit(self, request: NameLimit) -> Done:
        """Remove a limit; raise `NotFoundError` for one that the caller does not see."""
        bounds = reach()
        async with self._database.transaction() as tx:
            known = await _find(tx, request.name, bounds)
            if known is None or not covers(bounds, known.limit):
                raise NotFoundError(f"no limit named {request.name!r}; `tulou limits list` shows yours", param="name")
            name = known.limit.name
            await store.remove(tx, name)
            await self._warner.begin_anew(tx, name)
            await self._outbox.add(tx, LIMIT_CHANGED, LimitChanged(name=name), tenant=known.limit.tenant)
        await self._definitions.read_again([name])
        await self._forget(name)
        return Done()

    async def lease(self, request: LeaseShares) -> Shares:
        """Settle what a gateway used, and give it more to spend."""
        if strange := {ask.limit for ask in request.asks if ask.limit not in self._definitions}:
            await self._learn(strange)
        return await self._allowances.lease(request, self._definitions)

    async def standing(self, request: GetStanding) -> StandingList:
        """Say how limits stand; one that names its subject, or has only one, does so before its first use too."""
        now = self._clock.now()
        bounds = reach()
        asked = await self._asked(request, bounds)
        names = dict(zip([limit.name for limit in asked], shown(asked, bounds), strict=True))
        by_name = {limit.name: limit for limit in asked}
        levels = [level for level in await self._allowances.levels(asked) if _stands(by_name, level)]
        used = {(level.limit, level.subject) for level in levels}
        fresh = [level for limit in asked if (level := unused(limit, now=now)) is not None]
        levels += [level for level in fresh if (level.limit, level.subject) not in used]
        wanted = [level for level in levels if request.subject in ("", level.subject)]
        wanted.sort(key=lambda level: (level.limit, level.subject))
        return StandingList(items=tuple(standing(names[level.limit], level, now=now) for level in wanted))

    async def replay(self, request: ReplayLimits) -> Replayed:
        """Decide past requests again; changes nothing."""
        checked = [check(limit) for limit in request.limits]
        return Replayed(refused_by=await asyncio.to_thread(replay, checked, request.requests))

    async def _learn(self, names: Iterable[str]) -> None:
        """Look for limits that another process may have made; those that cannot be looked for now stay unknown."""
        with contextlib.suppress(TulouError):
            await self._definitions.read_again(sorted(names))

    async def _asked(self, request: GetStanding, reach: Reach) -> Sequence[Limit]:
        tenant = reach.tenant(request.tenant)
        if not request.limit:
            return await self._visible(tenant, reach)
        found = await self._definitions.read_again([request.limit, qualified(request.limit, reach)])
        return [limit for limit in found if tenant in ("", limit.tenant) and covers(reach, limit)]

    async def _visible(self, tenant: str, reach: Reach) -> Sequence[Limit]:
        """Return the limits of a tenant, or all, as far as the caller sees them, by the names they are kept under."""
        found: list[Limit] = []
        while True:
            async with self._database.reading() as tx:
                page = await store.page(tx, after=found[-1].name if found else "", limit=PAGE, tenant=tenant)
            found += [one.limit for one in page]
            if len(page) < PAGE:
                return [one for one in found if covers(reach, one)]

    async def _check_room(self, tx: Transaction, limit: Limit, reach: Reach) -> None:
        """Raise `LimitedError` where the house has as many limits as it may, or a tenant as many as it may make."""
        most = self._settings.max_limits
        if await store.count(tx) >= most:
            raise LimitedError(f"there are {most} limits already ([limits] max_limits); delete some")
        share = max(1, int(most * self._settings.tenant_share))
        if not reach.house and await store.count(tx, limit.tenant) >= share:
            raise LimitedError(
                f"tenant {limit.tenant!r} has {share} limits already ([limits] tenant_share of max_limits); delete some"
            )

    async def _forget(self, name: str) -> None:
        """Forget what was counted; left behind, it would say nothing, since units are compared, and expire."""
        try:
            await self._allowances.forget(name)
        except TulouError as error:
            log.warning("limit_not_forgotten", limit=name, error=str(error))


async def _find(tx: Transaction, name: str, reach: Reach) -> StoredLimit | None:
    """Return the limit that a caller means: of its own names, else one of the house's that is for its tenant."""
    mine = await store.find(tx, qualified(name, reach))
    if mine is not None or reach.house:
        return mine
    given = await store.find(tx, name)
    return given if given is not None and reach.sees(given.limit.tenant) else None


def _check_kept(known: StoredLimit | None, reach: Reach) -> None:
    if known is not None and not covers(reach, known.limit):
        raise ForbiddenError(
            f"the limit {base(known.limit)!r} is your tenant's, whose administrators keep it", param="name"
        )


def _counts_alike(one: Limit, other: Limit) -> bool:
    """Say whether what was counted of one limit counts for the other: the same thing, for subjects of the same kind."""
    return (unit_of(one), one.scope, one.tenant) == (unit_of(other), other.scope, other.tenant)


def _stands(limits: Mapping[str, Limit], level: Level) -> bool:
    """Say whether a level is of those asked for, and of a subject that its limit is still for."""
    limit = limits.get(level.limit)
    return limit is not None and limit.subject in ("", level.subject)
