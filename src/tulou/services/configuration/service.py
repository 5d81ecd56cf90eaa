"""The use cases of the configuration service."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, ParamSpec, TypeVar

import structlog

from tulou.chassis.cascade import AuditCascade, RemovedResource
from tulou.chassis.paging import check_limit, page_of
from tulou.chassis.telemetry.redaction import redact_text
from tulou.chassis.threads import to_its_end
from tulou.contracts.configuration.messages import (
    Applied,
    Apply,
    Compare,
    Document,
    Export,
    ListRevisions,
    MakePlan,
    Note,
    Plan,
    PlanRollback,
    Revision,
    RevisionPage,
    Rollback,
)
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import ListRoles
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT, Context, acting, as_house
from tulou.kernel.errors import ConflictError, InvalidError, TulouError
from tulou.kernel.message import Done
from tulou.ports.database import Database
from tulou.services.configuration import store
from tulou.services.configuration.acting import HOUSE, author_of_house
from tulou.services.configuration.applier import Applier, RollbackPoint, Undone
from tulou.services.configuration.change_recorder import ChangeRecorder
from tulou.services.configuration.domain.dangling import dangling
from tulou.services.configuration.domain.difference import Step, applied, change_of, chosen, difference
from tulou.services.configuration.domain.document import SECTIONS, Resources
from tulou.services.configuration.domain.reading import declared, merged, read_document
from tulou.services.configuration.domain.writing import written
from tulou.services.configuration.history import FOUND, RecordedChange, RevisionHistory, Source
from tulou.services.configuration.impact import ImpactReview
from tulou.services.configuration.lock import ApplyLock, HeldLock
from tulou.services.configuration.price_review import PriceReview
from tulou.services.configuration.replay import ReplayResult, RequestReplay
from tulou.services.configuration.resources import Owners, composed
from tulou.services.configuration.settings import ConfigurationSettings
from tulou.services.configuration.validator import DocumentValidator

REPLAY_MOST_S = 7 * 86_400.0
LOOK_S = 1.0
WHY_CAP = 200
CUT_OFF = "back to before an apply that was cut off"

P = ParamSpec("P")
T = TypeVar("T")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class ConfigurationService:
    """The house's document; implements `contracts.configuration.Configuration`.

    Nothing is cached: the document is composed of what all services say at the moment that it is asked for.
    """

    def __init__(self, database: Database, owners: Owners, *, clock: Clock, settings: ConfigurationSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._kinds = owners.kinds()
        self._governance: Governance = owners.governance
        self._history = RevisionHistory(database, clock=clock, settings=settings)
        self._turns = ApplyLock(database, clock=clock, turn_s=settings.turn_s)
        self._applying = Applier(self._kinds, clock=clock, step_s=settings.step_s)
        self._consequences = ImpactReview(owners.identity, owners.upstreams)
        self._cascade = AuditCascade(owners.governance.record, clock=clock)
        self._validating = DocumentValidator(
            identity=owners.identity,
            governance=owners.governance,
            upstreams=owners.upstreams,
            serving=owners.serving,
            routing=owners.routing,
            limits=owners.limits,
            metering=owners.metering,
        )
        self._costing = PriceReview(owners.metering, clock)
        self._replaying = RequestReplay(
            owners.metering, owners.governance, owners.limits, owners.identity, most=settings.replay_requests
        )
        self.noting = ChangeRecorder(self._record, clock=clock, gather_s=settings.gather_s)
        self._documents = asyncio.Semaphore(1)
        self._under_way: set[asyncio.Task[Any]] = set()

    async def export(self, request: Export) -> Document:
        """Return the document; it holds no secrets, only references to them."""
        author_of_house()
        if request.revision is not None:
            return Document(text=await self._history.text(request.revision))
        return Document(text=await self._apart(written, await composed(self._kinds)))

    async def plan(self, request: MakePlan) -> Plan:
        """Say what would change; raise `InvalidError` naming an unknown field and the nearest known one."""
        author_of_house()
        wanted = await self._apart(self._read, request.text)
        _check_replay(request.replay_s)
        current, base = await self._looked()
        _check_declared(current, wanted)
        steps = chosen(await self._apart(partial(difference, current, wanted, prune=request.prune)), request.only)
        after = applied(current, steps) if request.only else _merged(current, wanted, prune=request.prune)
        return await self._planned(current, after, steps, base=base, replay_s=request.replay_s)

    async def plan_rollback(self, request: PlanRollback) -> Plan:
        """Say what a rollback would change, what of it does not come back, and which keys and credentials do."""
        author_of_house()
        _check_replay(request.replay_s)
        current, base = await self._looked()
        wanted, at, gone = await self._former(request.revision, current)
        steps = chosen(await self._apart(difference, current, wanted), request.only)
        plan = await self._planned(current, applied(current, steps), steps, base=base, replay_s=request.replay_s)
        returns = await self._consequences.of_return(steps, _accounts(wanted, request.only), at=at)
        erased = (f"{name} was erased, and stays gone" for name in gone)
        return replace(plan, returns=tuple(returns), warnings=(*plan.warnings, *erased))

    async def apply(self, request: Apply) -> Applied:
        """Make it so, whole or not at all; raise `ConflictError` when `base` is not the newest revision."""
        author = author_of_house()
        wanted = await self._apart(self._read, request.text)
        making = self._make(wanted, request, author=author)
        return Applied(revision=await self._shielded(making))

    async def rollback(self, request: Rollback) -> Applied:
        """Return to an earlier revision, by making a new one that equals it."""
        author = author_of_house()
        await self._history.find(request.revision)
        some = f" ({', '.join(request.only)})" if request.only else ""
        reason = f"back to revision {request.revision}{some}" + (f": {request.reason}" if request.reason else "")
        asked = Apply(text="", reason=reason, base=request.base, only=request.only)
        making = self._make({}, asked, author=author, former=request.revision)
        return Applied(revision=await self._shielded(making))

    async def revisions(self, request: ListRevisions) -> RevisionPage:
        """Return a page of revisions; what changed is named, and told in full by `compare`."""
        author_of_house()
        check_limit(request.limit)
        async with self._database.reading() as tx:
            found = await store.page(tx, after=request.after, limit=request.limit + 1)
        page = page_of(found, request.limit, lambda revision: revision.number)
        return RevisionPage(items=tuple(map(_shown, page.items)), next=page.next)

    async def compare(self, request: Compare) -> Plan:
        """Say how two revisions differ."""
        author_of_house()
        before = await self._history.resources(request.base)
        after = await composed(self._kinds) if request.to is None else await self._history.resources(request.to)
        steps = await self._apart(difference, before, after)
        return Plan(base=request.base, changes=tuple(change_of(step) for step in steps))

    async def note(self, request: Note) -> Done:
        """Record a change that was made otherwise; a moment later, together with others that come with it."""
        self.noting.note(request)
        return Done()

    async def recover(self) -> None:
        """Return to the revision before an apply that was cut off by the end of its process, if there was one."""
        async with self._database.reading() as tx:
            turn = await store.turn(tx)
        if turn is not None and turn.restore:
            async with self._turns.taken() as held:
                await self._restore(held)

    async def close(self) -> None:
        """Wait for applies that are under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _apart(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do what takes long with a large document beside the loop, which answers others meanwhile; one at a time."""
        async with self._documents:
            return await to_its_end(work, *args, **named)

    def _read(self, text: str) -> Resources:
        return declared(read_document(text, most=self._settings.document_bytes))

    async def _current(self) -> tuple[Resources, int]:
        """Return the house, and the revision that says so; there is a new one if it had been changed unnoticed."""
        current = await composed(self._kinds)
        revision = await self._history.record(current, RecordedChange(author=HOUSE, reason=FOUND, source="console"))
        return current, revision.number

    async def _looked(self) -> tuple[Resources, int]:
        """Return the same without waiting for an apply that is under way: it will record what it ends in."""
        try:
            async with self._turns.taken(within_s=LOOK_S) as held:
                await self._restore(held)
                return await self._current()
        except ConflictError:
            return await composed(self._kinds), await self._history.newest()

    async def _make(self, wanted: Resources, request: Apply, *, author: str, former: int = 0) -> Revision:
        """Make what is wanted, or what there was at the `former` revision, with all that belonged to it."""
        source: Source = "rollback" if former else "apply"
        async with self._turns.taken(within_s=self._settings.wait_s) as held:
            await self._restore(held)
            current, base = await self._current()
            if request.base is not None and request.base != base:
                raise ConflictError(f"planned for revision {request.base}, the house is at {base}; plan again")
            back = None
            if former:
                wanted, at, _ = await self._former(former, current)
                back = RollbackPoint(at=at)
            else:
                _check_declared(current, wanted)
            difference_of = partial(difference, current, wanted, prune=request.prune)
            steps = chosen(await self._apart(difference_of), request.only)
            _check_self(steps)
            after = applied(current, steps) if request.only else _merged(current, wanted, prune=request.prune)
            await self._validating.check(steps, after)
            along = list(await self._consequences.credentials_of(steps))
            await held.remember(base)
            try:
                report = partial(self._tell_undone, source=source, reason=request.reason)
                with _told_by_the_apply():
                    await self._applying.run(steps, alive=held.renew, report=report, former=back)
            finally:  # what failed has been undone, as far as that can be
                await held.remember(0)
            if back:
                accounts = _accounts(wanted, request.only)
                with _told_by_the_apply():
                    along += await self._consequences.restore_credentials(steps, accounts, at=back.at)
            now = await composed(self._kinds)
            revision = await self._history.record(
                now, RecordedChange(author=author, reason=request.reason, source=source)
            )
        await self._cascade.tell([*(_went(step, revision, source) for step in steps), *along], reason=request.reason)
        log.info("configuration_applied", revision=revision.number, source=source, changes=len(steps))
        return revision

    async def _tell_undone(self, undone: Sequence[Undone], *, source: Source, reason: str) -> None:
        """Record each step of an apply that failed: it was so for a moment, or still is if it could not be undone."""
        await self._cascade.tell([_went_back(one, source) for one in reversed(undone)], reason=reason)

    async def _former(self, number: int, current: Resources) -> tuple[Resources, float, Sequence[str]]:
        """Return what a revision declares, when that was, and who of it was erased since and stays gone."""
        wanted, at = await self._history.resources(number), (await self._history.find(number)).at
        missing = wanted["principals"].keys() - current["principals"].keys()
        gone = await self._consequences.erased(sorted(missing), at=at)
        there = {name: entry for name, entry in wanted["principals"].items() if name not in gone}
        return {**wanted, "principals": there}, at, gone

    async def _planned(
        self, current: Resources, after: Resources, steps: Sequence[Step], *, base: int, replay_s: float
    ) -> Plan:
        rejected = await self._validating.rejections(steps, after)
        replayed = await self._replayed(current, after, replay_s) if steps and not rejected else ReplayResult()
        left_out = (
            f"there are too many {section} for a document; they stay as they are" for section in _left_out(current)
        )
        return Plan(
            base=base,
            changes=tuple(change_of(step) for step in steps),
            replayed=replayed.requests,
            different=replayed.different,
            examples=replayed.examples,
            warnings=(
                *left_out,
                *await self._consequences.of_deletions(steps),
                *rejected,
                *await self._foreseen(after, steps),
                *(await self._costing.warnings(current, after) if steps else ()),
                *replayed.warnings,
            ),
        )

    async def _restore(self, held: HeldLock) -> None:
        """Undo what an apply left behind that died with its process; each step is recorded, whoever comes by."""
        number = held.turn.restore
        if not number:
            return
        with as_house("what a cut-off apply left is undone") as house, acting(replace(house, audited=False)):
            found, before = await composed(self._kinds), await self._history.resources(number)
            steps = await self._apart(difference, found, before)
            former = RollbackPoint(at=(await self._history.find(number)).at, whole=True)
            try:
                await self._applying.run(steps, alive=held.renew, former=former)
            except TulouError:
                log.exception("configuration_not_restored", revision=number)  # once is enough: others must go on
            made = RecordedChange(author=HOUSE, reason=CUT_OFF, source="rollback")
            await self._history.record(await composed(self._kinds), made)
        await held.remember(0)
        log.warning("configuration_restored", revision=number, changes=len(steps))

    async def _record(self, made: RecordedChange) -> None:
        async with self._turns.taken() as held:
            await self._restore(held)
            await self._history.record(await composed(self._kinds), made)

    async def _shielded(self, making: Any) -> Revision:
        """Go on when the caller leaves: what is half made would stay so."""
        task: asyncio.Task[Revision] = asyncio.create_task(making)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _replayed(self, current: Resources, after: Resources, replay_s: float) -> ReplayResult:
        if not replay_s:
            return ReplayResult()
        now = self._clock.now()
        return await self._replaying.replay(current, after, start=now - replay_s, end=now)

    async def _foreseen(self, after: Resources, steps: Sequence[Step]) -> Sequence[str]:
        """Return what an apply would be refused for, or would leave without what it names."""
        if not steps:
            return ()
        roles = (await self._governance.roles(ListRoles())).items
        found = list(dangling(after, roles=[role.name for role in roles if role.built_in]))
        try:
            _check_self(steps)
        except TulouError as error:
            found.append(str(error))
        return found


def _told_by_the_apply() -> AbstractContextManager[Context]:
    """Let no service record the steps of an apply: once they are made, the cascade tells of each, with its revision."""
    return acting(replace(CONTEXT.get(), audited=True))


def _left_out(current: Resources) -> Sequence[str]:
    return [section for section in SECTIONS if section not in current]


def _check_declared(current: Resources, wanted: Resources) -> None:
    """Refuse to declare some of what a house has too many of to compare."""
    for section in _left_out(current):
        if section in wanted:
            raise InvalidError(f"the house has too many {section} for a document; leave them out of it", param=section)


def _check_replay(replay_s: float) -> None:
    if not 0 <= replay_s <= REPLAY_MOST_S:
        raise InvalidError(f"replay_s is {replay_s}; it may be 0 to {REPLAY_MOST_S:g}", param="replay_s")


def _accounts(wanted: Resources, only: Sequence[str]) -> Resources:
    """Return the accounts whose credentials come back: all that are wanted, or those that are named."""
    accounts = wanted.get("upstreams", {})
    names = [name.partition("/")[2] for name in only if name.partition("/")[0] in ("upstream", "upstreams")]
    return {"upstreams": {name: entry for name, entry in accounts.items() if not only or name in names}}


def _went(step: Step, revision: Revision, source: Source) -> RemovedResource:
    detail: dict[str, object] = {"by": source, "revision": revision.number, "fields": change_of(step).fields}
    return RemovedResource(noun=step.section, name=step.name, way=step.kind, detail=detail)


def _went_back(undone: Undone, source: Source) -> RemovedResource:
    step = undone.step
    detail: dict[str, object] = {"by": source, "undone": not undone.lost, "fields": change_of(step).fields}
    detail |= {"why": redact_text(undone.lost)[:WHY_CAP]} if undone.lost else {}
    return RemovedResource(
        noun=step.section,
        name=step.name,
        way=step.kind,
        detail=detail,
        outcome="done" if undone.lost and undone.made else "failed",
    )


def _merged(current: Resources, wanted: Resources, *, prune: bool) -> Resources:
    if prune:
        return merged(current, wanted)
    nothing: Mapping[str, Any] = {}
    return {section: {**entries, **wanted.get(section, nothing)} for section, entries in current.items()}


def _check_self(steps: Sequence[Step]) -> None:
    """Refuse before anything is made what would be refused at its end: that somebody removes themselves."""
    caller = CONTEXT.get()
    me = f"{caller.tenant}/{caller.principal}"
    if any(step.kind == "delete" and step.section == "principals" and step.name == me for step in steps):
        raise ConflictError(f"the document leaves out {me!r}, who applies it; declare it, or ask somebody else")


def _shown(revision: Revision) -> Revision:
    return replace(revision, changes=tuple(replace(change, before="", after="") for change in revision.changes))
