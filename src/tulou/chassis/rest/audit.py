"""Tells the audit trail of every change that was asked for over REST, and of everybody who was turned away.

A change is recorded before its answer goes out: whoever has been told that it is so finds it in the trail. Should the
trail be away at that moment, the entry goes to the log, whole, and the answer is given all the same: what has been done
cannot be taken back any more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from tulou.chassis.cascade import AuditCascade
from tulou.chassis.rest.callers import Authenticator
from tulou.chassis.rest.declared import ADMINISTRATION, INFERENCE
from tulou.chassis.rest.denials import Denials
from tulou.chassis.rest.details import detail_of, visible
from tulou.chassis.rest.identification import actor_of
from tulou.chassis.rest.witness import Witness
from tulou.chassis.trail import WITHIN_S, Recorder, append
from tulou.contracts.configuration.messages import Note
from tulou.contracts.governance.messages import AuditEntry
from tulou.contracts.identity.messages import Authenticate
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import TulouError
from tulou.kernel.ids import new_id
from tulou.kernel.message import Done

Noter = Callable[[Note], Awaitable[Done]]

RESOURCE_CAP = 512
UNDECLARED = frozenset({"me", "sign-in", "sign-out", "sessions", "configuration", "audit", "vault"})
"""Nouns whose changes are no part of the house's document, or are noted by its own service."""

UNANSWERED = "unknown:write"
"""The action of a change that no route answers."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReceivers:
    """Whom the REST API tells of changes: the audit trail, and the configuration's revisions if there are any."""

    record: Recorder
    note: Noter | None = None
    clock: Clock = field(default_factory=SystemClock)


class Audited:
    """Middleware around all routes: of `/api/v1` it tells all that matters, beside inference who was turned away."""

    def __init__(self, app: ASGIApp, *, trail: AuditReceivers, authenticate: Authenticator, denials: Denials) -> None:
        self._app = app
        self._trail = trail
        self._authenticate = authenticate
        self._denials = denials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and tell of it before its answer goes out."""
        if scope["type"] != "http" or not scope["path"].startswith((ADMINISTRATION, INFERENCE)):
            await self._app(scope, receive, send)
            return
        if sums := tuple(self._denials.sums()):
            await append(self._trail.record, *sums)
        witness = Witness(scope, receive, send, tell=self._tell)
        if not witness.beside_inference:
            CONTEXT.set(replace(CONTEXT.get(), audited=True))
        try:
            await self._app(scope, witness.receive, witness.send)
        except Exception:
            await witness.broke()
            raise

    async def _tell(self, witness: Witness) -> None:
        if witness.notes.session:
            await self._learn_who(witness.notes.session)
        entry = self._entry(witness)
        if not self._denials.is_told(witness.scope, entry):
            return
        await append(self._trail.record, entry)
        if entry.outcome == "done" and witness.notes.along:
            await AuditCascade(self._trail.record, clock=self._trail.clock).tell(
                witness.notes.along, reason=entry.reason
            )
        if entry.outcome == "done" and witness.noun not in UNDECLARED:
            await self._note(entry, witness)

    def _entry(self, witness: Witness) -> AuditEntry:
        who, (code, why) = CONTEXT.get(), witness.failure
        facts: dict[str, object] = {"method": witness.method, "operation": witness.operation}
        facts |= {"why": why} if why else {}
        facts |= {"query": visible(witness.query)} if witness.query else {}
        facts |= {"made": witness.made} if witness.made else {}
        return AuditEntry(
            id=new_id("audit"),
            at=self._trail.clock.now(),
            tenant=who.tenant,
            principal=who.principal,
            key=who.key or who.session,
            action=witness.declared.action if witness.declared else UNANSWERED,
            resource=_resource(witness)[:RESOURCE_CAP],
            outcome=witness.outcome,
            code=code,
            request_id=who.request_id,
            reason=witness.reason,
            detail=detail_of(
                facts, bytes(witness.sent), names_only=witness.declared is None or witness.declared.secret
            ),
        )

    async def _learn_who(self, session: str) -> None:
        """Find out whose a session is that is opened: the route to sign in asks nobody who calls."""
        try:
            who = await self._authenticate(Authenticate(secret=session))
        except TulouError:
            return
        CONTEXT.set(replace(CONTEXT.get(), actor=actor_of(who)))

    async def _note(self, entry: AuditEntry, witness: Witness) -> None:
        if self._trail.note is None:
            return
        try:
            async with asyncio.timeout(WITHIN_S):
                note = Note(author=entry.principal, reason=entry.reason, via=witness.via, noun=witness.noun)
                await self._trail.note(note)
        except (TulouError, TimeoutError) as error:  # the next change that is noted brings this one along
            log.warning("change_not_noted", error=str(error), request_id=entry.request_id)


def _resource(witness: Witness) -> str:
    """Return which thing the route says that it is about; the path, where no route answers."""
    if witness.declared:
        return witness.declared.placed(witness.scope.get("path_params", {}))
    return witness.path.removeprefix(ADMINISTRATION).removeprefix(INFERENCE)
