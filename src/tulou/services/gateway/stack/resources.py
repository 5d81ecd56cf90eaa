"""What all stages of a process share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from tulou.chassis.http.client import Client
from tulou.chassis.telemetry.traces import Tracing
from tulou.contracts.endpoints import Endpoint
from tulou.kernel.clock import Clock
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.credentials import CredentialListener
from tulou.services.gateway.stack.heavy import Heavy
from tulou.services.gateway.stack.room import AnswerRoom
from tulou.services.gateway.stack.way import UpstreamCall


class ReplicaWatcher(Protocol):
    """Looks after replicas that refused a connection."""

    def watch(self, backend: Backend) -> None:
        """Find out when somebody listens there again, and say so in `backend.gone`."""
        ...


class StageCounters(Protocol):
    """Counts what stages do."""

    def retried(self, call: Call) -> None:
        """Count an attempt after the first."""
        ...

    def failed_over(self, call: Call) -> None:
        """Count a call that another model answers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResources:
    """Tools, not state: what a stage keeps is its own.

    `ways` build what leads from an endpoint to replicas that do not speak its dialect.
    """

    client: Client
    clock: Clock
    settings: GatewaySettings
    tracing: Tracing
    prober: ReplicaWatcher
    notes: StageCounters
    reports: CredentialListener
    room: AnswerRoom
    heavy: Heavy = field(default_factory=Heavy)
    ways: Mapping[Endpoint, Callable[["StageResources"], UpstreamCall]]
    random: Random = field(default_factory=Random)
    unix_ns: Callable[[], int]
