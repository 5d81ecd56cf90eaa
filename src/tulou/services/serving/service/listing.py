"""The models that vendors list, for entries that answer for many: asked for now and then, and kept meanwhile."""

from collections.abc import Mapping
from typing import NamedTuple

import structlog

from tulou.contracts.upstreams.messages import Provider
from tulou.kernel.clock import Clock
from tulou.kernel.errors import UnavailableError
from tulou.ports.prober import Prober
from tulou.services.serving.domain.listing import list_url, listed

LIST_BYTES = 8 * 1024 * 1024
FAILED_AGAIN_S = 60.0

log = structlog.get_logger()


class _Listed(NamedTuple):
    until: float
    pattern: str
    models: tuple[str, ...]


class VendorModels:
    """By replica; a list that cannot be had leaves the last one as it was."""

    def __init__(self, prober: Prober, *, clock: Clock, every_s: float, timeout_s: float) -> None:
        self._prober = prober
        self._clock = clock
        self._every_s = every_s
        self._timeout_s = timeout_s
        self._known: dict[str, _Listed] = {}

    async def of(self, replica: str, pattern: str, provider: Provider, headers: Mapping[str, str]) -> tuple[str, ...]:
        """Return the names that fit a pattern, of a list that is no older than `every_s` if it can be had."""
        url, now = list_url(provider), self._clock.monotonic()
        known = self._known.get(replica)
        if known is not None and known.pattern != pattern:
            known = None
        if not url or (known is not None and now < known.until):
            return known.models if known is not None else ()
        try:
            body = await self._prober.read(url, headers=headers, timeout_s=self._timeout_s, at_most=LIST_BYTES)
        except UnavailableError as error:
            log.info("models_not_listed", replica=replica, why=str(error))
            models, again_s = known.models if known is not None else (), min(FAILED_AGAIN_S, self._every_s)
        else:
            models, again_s = listed(body, pattern), self._every_s
        self._known[replica] = _Listed(now + again_s, pattern, models)
        return models

    def keep_only(self, replicas: frozenset[str]) -> None:
        """Forget the lists of replicas that are gone."""
        self._known = {name: known for name, known in self._known.items() if name in replicas}
