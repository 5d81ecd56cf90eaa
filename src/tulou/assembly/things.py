"""Everything from outside that services are given: ports by URL, the tools that need no URL, and the house itself."""

import secrets as randomness
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry

from tulou.adapters.process.launcher import open_launcher
from tulou.adapters.process.settings import LocalSettings
from tulou.assembly.environment import Surroundings
from tulou.assembly.ports import open_ports, opener, resolved
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.telemetry.metrics import ProcessCollector
from tulou.kernel.clock import Clock, SystemClock
from tulou.ports.database import Database
from tulou.ports.launcher import Launcher
from tulou.ports.secrets import Secrets

HOUSE_TOKEN = "house-token"  # noqa: S105 - the name of a secret

T = TypeVar("T")


class Things:
    """What has been opened, found by its type."""

    def __init__(self, things: Mapping[type[Any], object]) -> None:
        self.all = dict(things)

    def __getitem__(self, kind: type[T]) -> T:
        return cast("T", self.all[kind])


async def gateway_things(around: Surroundings, process: str, stack: AsyncExitStack) -> Things:
    """Open the little that a gateway needs: no database, no store, nothing that can hold up a request."""
    url = resolved(around.ports.secrets, str(around.directory))
    secrets: Secrets = await stack.enter_async_context(opener("secrets", url)(url))
    return Things(await _basics(around, process, secrets))


async def control_things(around: Surroundings, process: str, stack: AsyncExitStack) -> Things:
    """Open all ports and tools."""
    ports = await open_ports(around.ports, str(around.directory), stack)
    basics = await _basics(around, process, cast("Secrets", ports[Secrets]))
    things = Things(ports | basics)
    clock, house = things[Clock], things[House]
    things.all[Outbox] = Outbox(things[Database], clock=clock)
    launcher = open_launcher(_local(around, house), clock=clock)
    things.all[Launcher] = await stack.enter_async_context(launcher)
    return things


def _local(around: Surroundings, house: House) -> LocalSettings:
    return LocalSettings(
        command=(sys.executable, "-m", "tulou", "run", "replica", "--spec"),
        directory=house.run / "workers",
        logs=house.log,
        environment=around.environment,
        lifeline=around.lifeline_fd,
    )


async def _basics(around: Surroundings, process: str, secrets: Secrets) -> dict[type[Any], object]:
    return {
        Secrets: secrets,
        House: around.place(process, await house_token(secrets)),
        Clock: SystemClock(),
        CollectorRegistry: _metrics(),
    }


async def house_token(secrets: Secrets) -> str:
    """Return what the processes of this house show one another; made by whichever comes first."""
    fresh = randomness.token_urlsafe(32).encode()
    return (await secrets.create(HOUSE_TOKEN, fresh)).decode()


def _metrics() -> CollectorRegistry:
    """Return a registry that already tells what this process costs."""
    registry = CollectorRegistry()
    registry.register(ProcessCollector())
    return registry
