"""What serving does when something has happened elsewhere."""

import msgspec

from tulou.contracts.registry.events import AliasMoved
from tulou.contracts.upstreams.events import CredentialSuspected, UpstreamChanged
from tulou.ports.events import Fact
from tulou.services.serving.service.deployments import ReconciledServing


class ServingHandlers:
    """Idempotent: a deployment that already follows is left alone."""

    def __init__(self, serving: ReconciledServing) -> None:
        self._serving = serving

    async def on_alias_moved(self, fact: Fact) -> None:
        """Roll over what follows the alias; what followed one that was taken away stays at its version."""
        moved = msgspec.json.decode(fact.body, type=AliasMoved)
        if moved.version is not None:
            await self._serving.follow_alias(moved.model, moved.alias)

    async def on_upstream_changed(self, fact: Fact) -> None:
        """Bring a new credential to the gateways at once, and take away one that was retired."""
        self._serving.follow_upstream(msgspec.json.decode(fact.body, type=UpstreamChanged).name)

    async def on_credential_suspected(self, fact: Fact) -> None:
        """Find out by the probe whether a credential that a request was refused with is over."""
        self._serving.examine(msgspec.json.decode(fact.body, type=CredentialSuspected))
