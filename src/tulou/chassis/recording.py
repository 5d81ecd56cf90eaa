"""Changes that jobs, plugins and other processes ask of a contract are in the audit trail, as those over REST are.

A caller that records what it asks for, as the REST API does, says so in the context; else the contract records it. What
is cut off because its caller goes away is recorded all the same: a task of its own, which nobody cancels, tells of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import msgspec
import structlog

from tulou.chassis.changes import AuditedChange
from tulou.chassis.component import Component
from tulou.chassis.operations import operations_of
from tulou.chassis.refusals import RefusalCounts, RefusedAddress
from tulou.chassis.rest.details import TEXT_CAP, detail_of
from tulou.chassis.telemetry.redaction import redact_text
from tulou.chassis.trail import Recorder, append
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import AuditEntry, Outcome
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT, HouseActor, as_house
from tulou.kernel.errors import ForbiddenError, TulouError, UnauthenticatedError
from tulou.kernel.ids import new_id

FAILURES_TOLD = 200
"""Callers and actions of a minute whose failures are recorded one by one; a plugin in a loop is one of them."""
EVERY_S = 10.0
"""How often it is looked whether a minute of failures is over."""
KEPT_AT_ONCE = 1_000
"""Entries on their way to the trail; what comes beyond them goes to the log."""
STARTING, MANY = "the house is starting", "too many entries are on their way"
CANCELLED = "cancelled"
LEFT = "whoever asked went away before it had ended; it may have been done"
"""Why a change is recorded as failed that was cut off: nobody knows how far it came."""
_SEPARATOR = "\n"

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Recording:
    """Binds services so that their changes are recorded; `record` is the trail's, as soon as that is bound."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = RefusalCounts(clock, told=FAILURES_TOLD)
        self._telling: set[asyncio.Task[None]] = set()
        self.record: Recorder | None = None

    def bind(self, component: Component, service: object) -> object:
        """Return the service, with each operation that changes something recorded."""
        if component.contract is Governance:
            self.record = cast("Governance", service).record
        operations = operations_of(component.contract)
        methods = {
            method.__name__: self._recorded(operations[method.__name__].name, getattr(service, method.__name__), change)
            for method, change in component.changes.items()
        }
        return Recorded(service, methods) if methods else service

    async def run(self) -> None:
        """Record the failures of each minute when it is over, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self._sum_up()

    async def close(self) -> None:
        """Wait for what is on its way to the trail, then record the failures of the minute that goes on."""
        await asyncio.gather(*self._telling, return_exceptions=True)
        with as_house("failures are summed up at the end"):
            await self._sum_up(ending=True)

    def _recorded(
        self, operation: str, method: Callable[[Any], Awaitable[Any]], change: AuditedChange
    ) -> Callable[[Any], Awaitable[Any]]:
        async def ask(request: Any) -> Any:
            if CONTEXT.get().audited:
                return await method(request)
            try:
                reply = await method(request)
            except asyncio.CancelledError as error:
                self._begin(self._entry(operation, change, request, error))
                raise
            except Exception as error:
                await self._kept(self._entry(operation, change, request, error))
                raise
            await self._kept(self._entry(operation, change, request, None))
            return reply

        return ask

    async def _kept(self, entry: AuditEntry) -> None:
        if task := self._begin(entry):
            await asyncio.shield(task)

    def _begin(self, entry: AuditEntry) -> asyncio.Task[None] | None:
        """Tell of an entry in a task that goes on when its caller leaves; None for one that went to the log."""
        if self.record is None or len(self._telling) >= KEPT_AT_ONCE:
            why = MANY if self.record else STARTING
            log.error("audit_entry_not_kept", error=why, entry=msgspec.to_builtins(entry))
            return None
        task = asyncio.create_task(self._tell(self.record, entry))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        return task

    async def _tell(self, record: Recorder, entry: AuditEntry) -> None:
        entries = [*self._sums()]
        subject = _SEPARATOR.join((entry.outcome, entry.tenant, entry.principal, entry.action))
        if entry.outcome == "done" or self._failures.count(subject, entry.code).tell:
            entries.append(entry)
        if entries:
            await append(record, *entries)

    async def _sum_up(self, *, ending: bool = False) -> None:
        if self.record is None:  # what is taken out now would be kept nowhere
            return
        if sums := [*self._sums(ending=ending)]:
            await append(self.record, *sums)

    def _sums(self, *, ending: bool = False) -> Iterator[AuditEntry]:
        """Yield an entry for all failures of a kind in a minute that is over."""
        for one in self._failures.take(ending=ending):
            outcome, tenant, principal, action = _read(one.subject)
            yield AuditEntry(
                id=new_id("audit"),
                at=one.last,
                tenant=tenant,
                principal=principal,
                action=action,
                resource="",
                outcome=outcome,
                code=one.code,
                detail=_counted(one),
            )

    def _entry(self, operation: str, change: AuditedChange, request: object, error: BaseException | None) -> AuditEntry:
        context, outcome = CONTEXT.get(), _outcome(error)
        who = context.person
        facts: dict[str, object] = {"operation": operation}
        facts |= {"house": context.actor.reason} if isinstance(context.actor, HouseActor) else {}
        facts |= {"why": _why(error)} if _why(error) else {}
        return AuditEntry(
            id=new_id("audit"),
            at=self._clock.now(),
            tenant=who.tenant if who else "",
            principal=who.principal if who else "",
            key=who.id if who else "",
            action=change.action,
            resource=change.resource(request),
            outcome=outcome,
            code=_code(error),
            request_id=context.request_id,
            reason=context.reason,
            detail=detail_of(facts, msgspec.json.encode(request), names_only=change.secret),
        )


class Recorded:
    """A service of which some methods are recorded; all else is the service's own."""

    def __init__(self, service: object, methods: dict[str, Callable[[Any], Awaitable[Any]]]) -> None:
        self._service = service
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


def _outcome(error: BaseException | None) -> Outcome:
    if error is None:
        return "done"
    return "denied" if isinstance(error, ForbiddenError | UnauthenticatedError) else "failed"


def _code(error: BaseException | None) -> str:
    match error:
        case None:
            return ""
        case TulouError():
            return error.code
        case asyncio.CancelledError():
            return CANCELLED
        case _:
            return "internal"


def _why(error: BaseException | None) -> str:
    """Return why it failed, without what is secret in it: what a request said may be repeated by its error."""
    if isinstance(error, asyncio.CancelledError):
        return LEFT
    return redact_text(str(error))[:TEXT_CAP] if isinstance(error, TulouError) else ""


def _read(subject: str) -> tuple[Outcome, str, str, str]:
    """Return outcome, tenant, principal and action of a sum; what is counted together has the name of that alone."""
    outcome, *who = subject.split(_SEPARATOR)
    if not who:
        return "failed", "", "", subject
    tenant, principal, action = (*who, "", "")[:3]
    return ("denied" if outcome == "denied" else "failed"), tenant, principal, action


def _counted(one: RefusedAddress) -> str:
    return msgspec.json.encode({"count": one.times, "first": one.first, "last": one.last}).decode()
