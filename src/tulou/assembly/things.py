"""Everything from outside that the control plane is given: ports by URL, and the tools that need no URL."""

import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from tulou.adapters.credentials.references import References
from tulou.adapters.http.gate import open_gate
from tulou.adapters.http.openid import open_openid_providers
from tulou.adapters.http.prober import open_prober
from tulou.adapters.http.token_endpoint import open_token_endpoint
from tulou.adapters.process.confinement import ConfinedProcesses
from tulou.adapters.process.launcher import open_launcher
from tulou.adapters.process.settings import LocalSettings
from tulou.adapters.torch.trainer import TorchTrainer
from tulou.assembly.allowances import shared_allowances
from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.opened import Opened, basics
from tulou.assembly.ports import opener
from tulou.assembly.tools import converter, exporter
from tulou.assembly.workers import worker_environment
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.vault import Vault
from tulou.kernel.clock import Clock
from tulou.ports.allowances import SharedAllowances
from tulou.ports.blobs import Blobs
from tulou.ports.cache import Cache
from tulou.ports.confinement import Confinement
from tulou.ports.converter import Converter
from tulou.ports.credentials import Credentials
from tulou.ports.database import Database
from tulou.ports.events import Events
from tulou.ports.exporter import Exporter
from tulou.ports.gate import Gate
from tulou.ports.launcher import Launcher
from tulou.ports.master_key import MasterKey
from tulou.ports.openid import OpenIdProviders
from tulou.ports.prober import Prober
from tulou.ports.secrets import Secrets
from tulou.ports.token_endpoint import TokenEndpoint
from tulou.ports.trainer import Trainer

OPENED: dict[str, type[Any]] = {
    "database": Database,
    "blobs": Blobs,
    "cache": Cache,
    "events": Events,
    "master_key": MasterKey,
}
TOOLS: Mapping[type[Any], Callable[[ProcessEnvironment, Opened], AbstractAsyncContextManager[object]]] = {
    Launcher: lambda around, things: open_launcher(_local(around, things[House]), clock=things[Clock]),
    Prober: lambda _around, _things: open_prober(),
    OpenIdProviders: lambda around, _things: open_openid_providers(around.egress),
    TokenEndpoint: lambda around, _things: open_token_endpoint(around.egress),
    Gate: lambda around, things: open_gate(around.gate_url, token=things[House].token),
}
"""Opened only where a service needs them: two launchers on one machine would adopt the same workers."""


async def control_things(
    around: ProcessEnvironment, process: str, needs: Collection[type[Any]], stack: AsyncExitStack
) -> Opened:
    """Open all ports, and the tools among `needs`."""
    things = await basics(around, process, stack)
    for port, kind in OPENED.items():
        url = around.url_of(port)
        things.all[kind] = await stack.enter_async_context(opener(port, url)(url))
    for kind in TOOLS.keys() & needs:
        things.all[kind] = await stack.enter_async_context(TOOLS[kind](around, things))
    things.all[SharedAllowances] = await shared_allowances(around, stack)
    things.all[Outbox] = Outbox(things[Database], clock=things[Clock])
    things.all[Credentials] = References(
        things[Secrets],
        around.environment,
        directory=around.directory,
        closed={around.ports.master_key, around.house.proxy, "env://VAULT_TOKEN"},
    )
    things.all[Vault] = Vault(things[MasterKey])
    things.all[Confinement] = ConfinedProcesses()
    things.all[Converter] = converter(things[Confinement])
    things.all[Exporter] = exporter(things[Confinement])
    things.all[Trainer] = TorchTrainer()
    return things


def _local(around: ProcessEnvironment, house: House) -> LocalSettings:
    return LocalSettings(
        command=(sys.executable, "-m", "tulou", "run", "replica", "--spec"),
        directory=house.run / "workers",
        logs=house.log,
        environment=worker_environment(around.environment, around.house, blobs=house.blobs),
        lifeline=around.lifeline_fd,
    )
