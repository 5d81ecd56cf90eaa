"""A control plane with every service that declares something; only models and machines are played."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry

from tulou.adapters.credentials.references import References
from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.wiring import Bind, assemble, direct
from tulou.chassis.component import Component
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.registry.api import Registry
from tulou.contracts.transport import Transport
from tulou.kernel.clock import Clock, SystemClock
from tulou.ports.allowances import SharedAllowances
from tulou.ports.credentials import Credentials
from tulou.ports.launcher import Launcher
from tulou.ports.openid import OpenIdProviders
from tulou.ports.prober import Prober
from tulou.services.configuration.settings import ConfigurationSettings
from tulou.services.discovery.settings import DiscoverySettings
from tulou.services.identity.tests.fakes import NoWeb
from tulou.services.routing.settings import RoutingSettings
from tulou.services.serving.settings import ServingSettings
from tulou.services.serving.tests.fakes import OneModel, PretendLauncher, StatusProber
from tulou.testing.house import SmallHouse, open_house

NAMES = (
    *("identity", "governance", "limits", "metering", "jobs"),
    *("discovery", "upstreams", "serving", "routing", "configuration"),
)
QUICK: Mapping[str, object] = {
    "serving": ServingSettings(settle_s=0.02, quiet_s=0.02, backoff_s=0.02, probe_s=0.05, probe_backoff_s=0.02),
    "discovery": DiscoverySettings(sweep_s=0.02),
    "routing": RoutingSettings(settle_s=0.0),
    "configuration": ConfigurationSettings(gather_s=0.01, wait_s=30.0, turn_s=5.0, step_s=10.0),
}

T = TypeVar("T")


@dataclass(frozen=True)
class Whole:
    """Every service by its contract."""

    house: SmallHouse
    services: Mapping[str, Any]
    provided: Any

    def __getitem__(self, contract: type[T]) -> T:
        return cast("T", self.provided[contract])


@asynccontextmanager
async def open_whole(more: Mapping[str, object] | None = None, *, clock: Clock | None = None) -> AsyncGenerator[Whole]:
    """Open all services; `more` are other settings by the name of their service."""
    parts = {name: CATALOGUE[name] for name in NAMES}
    migrations = [part.migrations for part in parts.values() if part.migrations]
    async with open_house(*migrations) as house, opened(house, parts, more, clock=clock) as whole:
        yield whole


@asynccontextmanager
async def opened(
    house: SmallHouse,
    parts: Mapping[str, Component],
    more: Mapping[str, object] | None = None,
    *,
    clock: Clock | None = None,
    bind: Bind = direct,
) -> AsyncGenerator[Whole]:
    """Open these services in a house; another may be opened in it when this one has ended."""
    usual: dict[str, object] = {name: part.settings() for name, part in parts.items() if part.settings}
    settings: dict[str, object] = {**usual, **QUICK, **(more or {})}
    things: dict[type[Any], object] = {type(value): value for value in settings.values()}
    things |= {
        Clock: clock or SystemClock(),
        CollectorRegistry: CollectorRegistry(),
        Registry: OneModel(),
        Prober: StatusProber(),
        Credentials: References(house.secrets, {"KEY": "sk-env"}, directory=house.directory),
        OpenIdProviders: NoWeb(),
        SharedAllowances: SharedAllowances(),
    }
    async with AsyncExitStack() as stack:
        first = {"discovery": parts["discovery"]}
        discovering = await assemble(first, first, stack=stack, things=_all(house, things), locate=_nowhere)
        discovery: Discovery = discovering.services["discovery"]
        things |= {Discovery: discovery, Launcher: PretendLauncher(discovery)}
        rest = {name: part for name, part in parts.items() if name != "discovery"}
        assembled = await assemble(rest, rest, stack=stack, things=_all(house, things), locate=_nowhere, bind=bind)
        yield Whole(house, {**discovering.services, **assembled.services}, assembled.provided)


def _all(house: SmallHouse, things: Mapping[type[Any], object]) -> Mapping[type[Any], object]:
    return {**house.things(), **things}


def _nowhere(name: str) -> Transport:
    raise AssertionError(name)
