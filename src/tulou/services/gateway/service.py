"""One gateway process: what its HTTP side works with, and the contract's one question."""

from collections.abc import Iterable
from dataclasses import dataclass

from tulou.chassis.house import House
from tulou.chassis.refusals import RefusalCounts
from tulou.chassis.telemetry.traces import Tracing
from tulou.contracts.gateway.messages import BreakerStatus, GatewayStatus, GetStatus
from tulou.contracts.responses.api import Responses
from tulou.http.server.guard import GuardLimits
from tulou.kernel.clock import Clock
from tulou.services.gateway.ledger import LedgerWriter
from tulou.services.gateway.refusals import NotReadyError
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.snapshot.live import LiveSnapshot
from tulou.services.gateway.snapshot.plan import RequestPlan
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.backends import Backends
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.store_breaker import StoreBreaker
from tulou.services.gateway.telemetry.access import AccessLog
from tulou.services.gateway.telemetry.counters import GatewayCounters
from tulou.services.gateway.telemetry.siblings import Siblings
from tulou.services.gateway.turnstile import Turnstile


@dataclass(slots=True, kw_only=True)
class GatewayService:
    """Implements `contracts.gateway.Gateway`; `http` reads the rest."""

    house: House
    settings: GatewaySettings
    site: StageResources
    fleet: Backends
    live: LiveSnapshot
    counters: GatewayCounters
    turnstile: Turnstile
    access: AccessLog | None
    siblings: Siblings
    ledger: LedgerWriter
    responses: Responses
    refusals: RefusalCounts
    store_breaker: StoreBreaker
    draining: bool = False

    @property
    def clock(self) -> Clock:
        """The clock that everything here goes by."""
        return self.site.clock

    @property
    def tracing(self) -> Tracing:
        """Where spans go."""
        return self.site.tracing

    @property
    def guard_limits(self) -> GuardLimits:
        """What the server asks of clients, for `tulou.http.server.server.serve`."""
        return GuardLimits(
            head_s=self.settings.head_s,
            body_s=self.settings.body_s,
            idle_s=self.settings.keep_alive_s,
            stall_s=self.settings.stall_s,
            connections=self.settings.connections,
            share=self.settings.tenant_share,
            trusted=self.settings.proxies,
            unread_bytes=self.settings.unread_bytes,
        )

    def plan(self) -> RequestPlan:
        """Return the plan in force; raise `NotReadyError` before the first."""
        plan = self.live.plan
        if plan is None:
            raise NotReadyError(
                "the gateway has no snapshot yet; it is waiting for the control process", retry_after_s=1.0
            )
        return plan

    def drain(self) -> None:
        """Say from now on that this process takes no new work; called when the server begins to stop."""
        self.draining = True

    async def status(self, request: GetStatus) -> GatewayStatus:  # noqa: ARG002 - the contract's, and empty
        """Say which snapshot is in force and which breakers are open."""
        plan = self.live.plan
        return GatewayStatus(
            gateway=self.house.process,
            revision=plan.revision if plan else -1,
            snapshot_age_s=self.live.age_s,
            connected=self.live.connected,
            in_flight=self.turnstile.inside,
            breakers=tuple(_breakers(self.fleet)),
        )


def _breakers(backends: Iterable[Backend]) -> Iterable[BreakerStatus]:
    for backend in backends:
        circuit = backend.circuit
        if circuit.state != "closed":
            yield BreakerStatus(replica=backend.replica.id, state=circuit.state, since=circuit.since)
