"""Changes that jobs, plugins and other processes ask of a contract are in the audit trail, as those over REST are.

A caller that records what it asks for, as the REST API does, says so in the context; else the contract records it.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import msgspec
import structlog

from tulou.chassis.changes import Change
from tulou.chassis.component import Component
from tulou.chassis.refusals import Refusals, Refused
from tulou.chassis.rest.details import detail_of
from tulou.chassis.trail import Recorder, append
from tulou.contracts.governance.messages import AuditEntry, Outcome
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT, House
from tulou.kernel.errors import ForbiddenError, TulouError, UnauthenticatedError
from tulou.kernel.ids import new_id

FAILURES_TOLD = 200
"""Callers and actions of a minute whose failures are recorded one by one; a plugin in a loop is one of them."""
_SEPARATOR = "\n"

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Recording:
    """Binds services so that their changes are recorded; `record` is set once the trail is there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = Refusals(clock, told=FAILURES_TOLD)
        self.record: Recorder | None = None

    def bind(self, component: Component, service: object) -> object:
        """Return the service, with each operation that changes something recorded."""
        methods = {
            component.operations[operation]: self._recorded(
                operation.name, getattr(service, component.operations[operation]), change
            )
            for operation, change in component.changes.items()
        }
        return Recorded(service, methods) if methods else service

    def _recorded(
        self, operation: str, method: Callable[[Any], Awaitable[Any]], change: Change
    ) -> Callable[[Any], Awaitable[Any]]:
        async def ask(request: Any) -> Any:
            if CONTEXT.get().audited:
                return await method(request)
            try:
                reply = await method(request)
            except Exception as error:
                await self._tell(self._entry(operation, change, request, error))
                raise
            await self._tell(self._entry(operation, change, request, None))
            return reply

        return ask

    async def _tell(self, entry: AuditEntry) -> None:
        entries = [*self._sums()]
        subject = _SEPARATOR.join((entry.tenant, entry.principal, entry.action))
        if entry.outcome == "done" or self._failures.count(subject, entry.code).tell:
            entries.append(entry)
        if not entries:
            return
        if self.record is None:
            log.error("audit_entry_not_kept", error="the house is starting", entry=msgspec.to_builtins(entry))
            return
        await append(self.record, *entries)

    def _sums(self) -> Iterator[AuditEntry]:
        """Yield an entry for all failures of a kind in a minute that is over."""
        for one in self._failures.take():
            tenant, principal, action = (*one.subject.split(_SEPARATOR), "", "")[:3]
            yield AuditEntry(
                id=new_id("audit"),
                at=one.last,
                tenant=tenant if action else "",
                principal=principal,
                action=action or one.subject,
                resource="",
                outcome="failed",
                code=one.code,
                detail=_counted(one),
            )

    def _entry(self, operation: str, change: Change, request: object, error: Exception | None) -> AuditEntry:
        context, outcome = CONTEXT.get(), _outcome(error)
        who = context.person
        facts: dict[str, object] = {"operation": operation}
        facts |= {"house": context.actor.reason} if isinstance(context.actor, House) else {}
        facts |= {"why": str(error)} if isinstance(error, TulouError) else {}
        return AuditEntry(
            id=new_id("audit"),
            at=self._clock.now(),
            tenant=who.tenant if who else "",
            principal=who.principal if who else "",
            key=who.id if who else "",
            action=change.action,
            resource=change.resource(request),
            outcome=outcome,
            code=error.code if isinstance(error, TulouError) else "internal" if error else "",
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


def _outcome(error: Exception | None) -> Outcome:
    if error is None:
        return "done"
    return "denied" if isinstance(error, ForbiddenError | UnauthenticatedError) else "failed"


def _counted(one: Refused) -> str:
    return msgspec.json.encode({"count": one.times, "first": one.first, "last": one.last}).decode()
