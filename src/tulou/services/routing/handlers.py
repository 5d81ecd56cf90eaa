"""Routing's reactions to what others have done."""

from collections.abc import Mapping

import msgspec

from tulou.contracts.governance.events import POLICY_CHANGED, ROLE_CHANGED
from tulou.contracts.identity.events import KeyCreated, PrincipalChanged, TenantChanged
from tulou.contracts.limits.events import LimitChanged
from tulou.contracts.metering.events import PRICES_CHANGED
from tulou.contracts.routing.events import BREAKERS_RESET, ROUTE_CHANGED
from tulou.contracts.serving.events import DEPLOYMENT_CHANGED, DEPLOYMENT_DELETED
from tulou.ports.events import Fact
from tulou.services.routing.service import RoutingService

PARTS: Mapping[str, str] = {
    POLICY_CHANGED: "policies",
    ROLE_CHANGED: "policies",
    PRICES_CHANGED: "prices",
    DEPLOYMENT_CHANGED: "deployments",
    DEPLOYMENT_DELETED: "deployments",
    ROUTE_CHANGED: "routes",
    BREAKERS_RESET: "breaker_epoch",
}
"""Which source has news by which fact."""


class RoutingHandlers:
    """What a fact is about is asked for anew; what is true now is read then, so one that comes twice does no harm."""

    def __init__(self, service: RoutingService) -> None:
        self._service = service

    def on_listening(self) -> None:
        """Look at everything again: what happened while nobody listened is told to nobody."""
        self._service.stir_all()

    async def on_part(self, fact: Fact) -> None:
        """Look at one source again."""
        self._service.stir(PARTS[fact.topic])

    async def on_key(self, fact: Fact) -> None:
        """Look at a key again."""
        self._service.stir_key(msgspec.json.decode(fact.body, type=KeyCreated).key)

    async def on_limit(self, fact: Fact) -> None:
        """Look at a limit again."""
        self._service.stir_limit(msgspec.json.decode(fact.body, type=LimitChanged).name)

    async def on_principal(self, fact: Fact) -> None:
        """Look at all keys of a principal again."""
        changed = msgspec.json.decode(fact.body, type=PrincipalChanged)
        self._service.stir_owner(changed.tenant, changed.name)

    async def on_tenant(self, fact: Fact) -> None:
        """Look at all keys of a tenant again."""
        self._service.stir_owner(msgspec.json.decode(fact.body, type=TenantChanged).name)
