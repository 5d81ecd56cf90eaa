"""What people should know of prices, told where they deploy and by the doctor."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tulou.cli.house import HouseClient
from tulou.contracts.metering.messages import PriceList
from tulou.rules.metering.findings import OWN, Answerer, PriceFinding, findings, places_of

ADDRESS = "openai-compatible"
"""The provider of what a deployment names by its address alone."""


def price_findings(here: HouseClient, *, deployment: str = "") -> list[PriceFinding]:
    """Return what is amiss about the prices of all that is served, or of one deployment."""
    book = msgspec.convert(here.get("/api/v1/prices"), PriceList)
    items = here.get("/api/v1/deployments")["items"]
    providers = {one["spec"]["name"]: one["provider"]["name"] for one in here.get("/api/v1/upstreams")["items"]}
    routes = {one["model"]: [share["deployment"] for share in one["shares"]] for one in _routes(here)}
    answerers = {item["spec"]["name"]: _answerers(item["spec"], providers) for item in items}
    places = [place for place in places_of(answerers, routes) if deployment in ("", place.deployment)]
    return findings(book, places, at=time.time())


def _routes(here: HouseClient) -> Sequence[Any]:
    return here.get("/api/v1/routes")["items"]


def _answerers(spec: Any, providers: Mapping[str, str]) -> list[Answerer]:
    if spec["model"]:
        return [Answerer(spec["model"], OWN, own=True)]
    return [Answerer(one["model"], providers.get(one["upstream"], ADDRESS)) for one in spec["upstreams"]]
