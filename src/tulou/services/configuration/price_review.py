"""What a house would cost as a document says: models that nothing prices, and prices that fit only names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import ListPrices, Price, PriceList
from tulou.contracts.routing.messages import Route
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.kernel.clock import Clock
from tulou.rules.metering.findings import OWN, Answerer, findings, places_of
from tulou.services.configuration.domain.document import PriceEntry, Resources, UpstreamEntry
from tulou.services.configuration.kinds.kind import fields_of

ADDRESS = "openai-compatible"
"""The provider of what a deployment names by its address alone."""


class PriceReview:
    """Looks at prices as they would be after an apply; the built-in list is as it is."""

    def __init__(self, metering: Metering, clock: Clock) -> None:
        self._metering = metering
        self._clock = clock

    async def warnings(self, current: Resources, after: Resources) -> tuple[str, ...]:
        """Return what people should know of the prices, as far as it is news: `tulou doctor` tells all of it."""
        now = await self._metering.prices(ListPrices())
        known = set(self._findings(current, now))
        return tuple(text for text in self._findings(after, now) if text not in known)

    def _findings(self, resources: Resources, now: PriceList) -> Iterable[str]:
        entries = cast("Iterable[PriceEntry]", resources.get("prices", {}).values())
        prices = tuple(Price(**fields_of(entry, PriceEntry)) for entry in entries)
        routes = {route.model: [share.deployment for share in route.shares] for route in _routes(resources)}
        answerers = {spec.name: _answerers(spec, resources) for spec in _deployments(resources)}
        found = findings(replace(now, items=prices), places_of(answerers, routes), at=self._clock.now())
        return dict.fromkeys(finding.text for finding in found)


def _answerers(spec: DeploymentSpec, resources: Resources) -> list[Answerer]:
    """Return model and provider of all that answer; of an upstream that is not there, other warnings tell."""
    if spec.model:
        return [Answerer(spec.model, OWN, own=True)]
    accounts = cast("Mapping[str, UpstreamEntry]", resources.get("upstreams", {}))
    named = [one for one in spec.upstreams if not one.upstream or one.upstream in accounts]
    return [Answerer(one.model, accounts[one.upstream].provider if one.upstream else ADDRESS) for one in named]


def _routes(resources: Resources) -> Iterable[Route]:
    return cast("Iterable[Route]", resources.get("routes", {}).values())


def _deployments(resources: Resources) -> Iterable[DeploymentSpec]:
    return cast("Iterable[DeploymentSpec]", resources.get("deployments", {}).values())
