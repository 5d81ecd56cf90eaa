"""One replica process: the worker that a launcher starts."""

from contextlib import AsyncExitStack
from importlib.metadata import entry_points
from pathlib import Path

import httpx2
import msgspec

from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.ports import opener
from tulou.assembly.remote import address
from tulou.chassis.clients import client_of
from tulou.chassis.telemetry.logs import open_logs
from tulou.chassis.transports import HttpTransport
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.observability.api import Observability
from tulou.kernel.context import as_house
from tulou.kernel.errors import InvalidError
from tulou.ports.engine import Engine, EngineSpec
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.run import run
from tulou.services.replica.settings import ReplicaSettings


async def run_replica(around: ProcessEnvironment, file: Path) -> int:
    """Live a worker's life; return the exit code that says how it ended."""
    spec = read_spec(file)
    async with AsyncExitStack() as stack:
        logs = open_logs(around.directory / "log", process=spec.replica, level=around.house.log_level)
        stack.callback(logs.close)
        blobs = await stack.enter_async_context(opener("blobs", spec.blobs)(spec.blobs))
        http = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False))

        def locate(name: str) -> HttpTransport:
            return HttpTransport(address(around, name, spec.control_url), http, token=spec.control_token)

        with as_house(f"replica {spec.replica} lives"):
            return await run(
                spec,
                discovery=client_of(Discovery, locate("discovery")),
                observability=client_of(Observability, locate("observability")),
                blobs=blobs,
                engine_factory=lambda loaded: make_engine(spec.engine, loaded),
                lifeline=around.lifeline_fd,
                settings=around.settings.table("replica", ReplicaSettings),
            )


def read_spec(file: Path) -> WorkerSpec:
    """Read what a launcher wrote; raise `InvalidError` for anything else."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=WorkerSpec)
    except (OSError, msgspec.MsgspecError) as error:
        raise InvalidError(f"{file} is no worker's spec: {error}") from error


def make_engine(name: str, spec: EngineSpec) -> Engine:
    """Make an engine by its entry point; raise `InvalidError` for one that is not installed."""
    known = {point.name: point for point in entry_points(group="tulou.engines")}
    if name not in known:
        raise InvalidError(f"no engine named {name!r}; there are {', '.join(sorted(known))}")
    return known[name].load()(spec)
