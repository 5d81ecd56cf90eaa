"""Everything from outside that services are given: ports by URL, the tools that need no URL, and the house itself."""

import secrets as randomness
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry

from tulou.assembly.environment import Surroundings
from tulou.assembly.ports import open_ports
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.telemetry.metrics import ProcessCollector
from tulou.kernel.clock import Clock, SystemClock
from tulou.ports.database import Database
from tulou.ports.secrets import Secrets

HOUSE_TOKEN = "house-token"  # noqa: S105 - the name of a secret

T = TypeVar("T")


class Things:
    """What has been opened, found by its type."""

    def __init__(self, things: Mapping[type[Any], object]) -> None:
        self.all = dict(things)

    def __getitem__(self, kind: type[T]) -> T:
        return cast("T", self.all[kind])


async def house_token(secrets: Secrets) -> str:
    """Return what the processes of this house show one another; made by whichever comes first."""
    fresh = randomness.token_urlsafe(32).encode()
    return (await secrets.create(HOUSE_TOKEN, fresh)).decode()


def metrics() -> CollectorRegistry:
    """Return a registry that already tells what this process costs."""
    registry = CollectorRegistry()
    registry.register(ProcessCollector())
    return registry
