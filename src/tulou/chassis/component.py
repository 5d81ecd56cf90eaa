"""A service, described well enough to be wired."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from starlette.types import ASGIApp

from tulou.chassis.changes import AuditedChange
from tulou.chassis.jobs import JobRun
from tulou.chassis.provided import Provided
from tulou.kernel.errors import InvalidError
from tulou.ports.events import Fact

if TYPE_CHECKING:
    from fastapi import APIRouter  # half a second and 15 MiB that a gateway has no use for
    from sqlalchemy import Column

Method = Callable[..., Any]
"""A method of a contract's Protocol, `Identity.put_tenant`: the name of an operation."""

DoesJob = Callable[[Any, JobRun], Awaitable[str]]
HearsFact = Callable[[Any, Fact], Awaitable[None]]
"""Methods of `handlers`, whose object they are given first."""

Plane = Literal["traffic", "life cycle", "knowledge", "house"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """All that assembly knows of one service.

    * `build` opens the service and closes it again; `needs` are the contracts and ports it takes from `Provided`
    * `settings` is its frozen class of settings, in `Provided` too; `migrations` the dotted name of that package
    * `contract` is the Protocol that it keeps; each method is an operation, which other processes may ask for
    * `changes` says of operations what they change, for the audit trail
    * `strangers` are operations that may be asked before anybody is known: who asks is what they find out
    * `routes` makes its REST routes under `/api/v1`, `public_routes` those of them that ask for no key
    * `inference_routes` makes routes under `/v1` for keys that may do inference, to which the gate passes requests on
    * `asgi` makes the application of a process it has to itself
    * `handlers` is a class that is given the service; its methods do `jobs` (by kind) and hear `topics` of events
    * `listening` is the one that is called whenever its topics begin to be listened to: facts of before may be missing
    * `job_slots`, when not 0, gives its jobs a runner of their own with so many places, because they take long
    * `sealed` are the columns of its tables that hold the vault's sealed texts, so that `tulou vault` reaches them
    """

    name: str
    plane: Plane
    contract: type[Any]
    build: Callable[[Provided], AbstractAsyncContextManager[Any]]
    strangers: frozenset[Method] = frozenset()
    changes: Mapping[Method, AuditedChange] = field(default_factory=dict[Method, AuditedChange])
    needs: tuple[type[Any], ...] = ()
    settings: type[Any] | None = None
    migrations: str = ""
    routes: "Callable[[Any], APIRouter] | None" = None
    public_routes: "Callable[[Any], APIRouter] | None" = None
    inference_routes: "Callable[[Any], APIRouter] | None" = None
    asgi: Callable[[Any], ASGIApp] | None = None
    handlers: Callable[[Any], Any] | None = None
    listening: Callable[[Any], None] | None = None
    job_slots: int = 0
    jobs: Mapping[str, DoesJob] = field(default_factory=dict[str, DoesJob])
    topics: Mapping[str, HearsFact] = field(default_factory=dict[str, HearsFact])
    sealed: "tuple[Column[Any], ...]" = ()

    def __post_init__(self) -> None:
        """Raise `InvalidError` for a method of another class than `contract` or `handlers`."""
        self._check("operation", self.contract, (*self.changes, *self.strangers))
        listening = (self.listening,) if self.listening else ()
        self._check("handler", self.handlers, (*self.jobs.values(), *self.topics.values(), *listening))

    def _check(self, what: str, owner: object, methods: Iterable[Method]) -> None:
        for method in methods:
            if getattr(owner, method.__name__, None) is not method:
                raise InvalidError(f"{self.name}: {method.__qualname__} is no {what} of {owner}")
