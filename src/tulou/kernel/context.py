"""Who acts, under which request, until when: carried along every call, in process and between processes.

An actor is always stated. Where none is, the context is `NOBODY`'s, and nothing that is decided is permitted.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from tulou.kernel.message import message


class KeyActor(msgspec.Struct, frozen=True, kw_only=True, tag="key"):
    """Somebody who proved it with a key; `id` is the key's."""

    tenant: str
    principal: str
    id: str = ""


class SessionActor(msgspec.Struct, frozen=True, kw_only=True, tag="session"):
    """Somebody who signed in; `id` is the session's."""

    tenant: str
    principal: str
    id: str = ""


Person = KeyActor | SessionActor
"""Whoever is somebody's: people, and the programs that hold their keys."""


class HouseActor(msgspec.Struct, frozen=True, kw_only=True, tag="house"):
    """The house itself, at work for a `reason`; `asked_by` is who caused that work, if it was somebody."""

    reason: str
    asked_by: Person | None = None


class AnonymousActor(msgspec.Struct, frozen=True, kw_only=True, tag="anonymous"):
    """Nobody who has been proved to be anybody: may do nothing that asks who does it."""


Actor = HouseActor | KeyActor | SessionActor | AnonymousActor


@message
class Context:
    """The circumstances of one request; `deadline` is Unix time in seconds, `reason` what the caller says it is for.

    `roles` are those held at the tenant and at `project`; with `house` the caller may act over all tenants. What was
    permitted reaches over the tenant as a whole with `tenant_wide`, else over `projects` of it alone: none, no further.
    Where it is `audited`, whoever asks records in the trail what comes of it; else the contract that is asked does.
    """

    actor: Actor = AnonymousActor()
    request_id: str = ""
    deadline: float | None = None
    traceparent: str = ""
    project: str = ""
    roles: tuple[str, ...] = ()
    house: bool = False
    tenant_wide: bool = False
    projects: tuple[str, ...] = ()
    reason: str = ""
    audited: bool = False

    @property
    def tenant(self) -> str:
        """The tenant that the actor belongs to; empty for the house and for nobody."""
        return self.actor.tenant if isinstance(self.actor, Person) else ""

    @property
    def principal(self) -> str:
        """The principal who acts; empty for the house and for nobody."""
        return self.actor.principal if isinstance(self.actor, Person) else ""

    @property
    def key(self) -> str:
        """The id of the key that acts, if it is one."""
        return self.actor.id if isinstance(self.actor, KeyActor) else ""

    @property
    def session(self) -> str:
        """The id of the session that acts, if it is one."""
        return self.actor.id if isinstance(self.actor, SessionActor) else ""

    @property
    def person(self) -> Person | None:
        """Who acts, or had the house act; None where nobody did."""
        match self.actor:
            case HouseActor(asked_by=person):
                return person
            case AnonymousActor():
                return None
            case person:
                return person

    @property
    def author(self) -> str:
        """The principal who acts, or had the house act; empty where nobody did."""
        return self.person.principal if self.person else ""


NOBODY = Context()
CONTEXT: ContextVar[Context] = ContextVar("tulou_context", default=NOBODY)


@contextmanager
def acting(context: Context) -> Generator[Context]:
    """Act in a context for as long as the block runs; tasks that begin in it go on in it."""
    token = CONTEXT.set(context)
    try:
        yield context
    finally:
        CONTEXT.reset(token)


@contextmanager
def as_house(reason: str, *, asked_by: Person | None = None) -> Generator[Context]:
    """Act as the house for as long as the block runs; who acted until then is who has asked for it, if nobody else."""
    now = CONTEXT.get()
    actor = HouseActor(reason=reason, asked_by=asked_by or now.person)
    with acting(
        Context(
            actor=actor,
            request_id=now.request_id,
            traceparent=now.traceparent,
            reason=now.reason,
            audited=now.audited,
        )
    ) as context:
        yield context
