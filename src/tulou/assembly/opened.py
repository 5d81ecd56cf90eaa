"""What every process of the house is given: the house itself, its token, the clock, metrics, tracing."""

import secrets as randomness
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry

import tulou
from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.ports import opener
from tulou.chassis.house import House
from tulou.chassis.telemetry.metrics import ProcessCollector
from tulou.chassis.telemetry.traces import Tracing
from tulou.chassis.telemetry.tracing import TracingSettings, open_tracing
from tulou.kernel.clock import Clock, SystemClock
from tulou.ports.secrets import Secrets

HOUSE_TOKEN = "house-token"  # noqa: S105 - the name of a secret

T = TypeVar("T")


class Opened:
    """What has been opened, found by its type."""

    def __init__(self, things: Mapping[type[Any], object]) -> None:
        self.all = dict(things)

    def __getitem__(self, kind: type[T]) -> T:
        return cast("T", self.all[kind])


async def basics(around: ProcessEnvironment, process: str, stack: AsyncExitStack) -> Opened:
    """Open the little that needs no database and no store: all that a gateway has."""
    url = around.url_of("secrets")
    secrets: Secrets = await stack.enter_async_context(opener("secrets", url)(url))
    tracing = around.settings.table("tracing", TracingSettings)
    opened = open_tracing(tracing, house=around.house.name, process=process, version=tulou.__version__)
    return Opened(
        {
            Secrets: secrets,
            House: around.place(process, await house_token(secrets)),
            Clock: SystemClock(),
            CollectorRegistry: _metrics(),
            Tracing: await stack.enter_async_context(opened),
        }
    )


async def house_token(secrets: Secrets) -> str:
    """Return what the processes of this house show one another; made by whichever comes first."""
    fresh = randomness.token_urlsafe(32).encode()
    return (await secrets.create(HOUSE_TOKEN, fresh)).decode()


def _metrics() -> CollectorRegistry:
    """Return a registry that already tells what this process costs."""
    registry = CollectorRegistry()
    registry.register(ProcessCollector())
    return registry
