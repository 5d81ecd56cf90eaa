"""`tulou run TARGET`: one process of a house; `tulou up` and Kubernetes start these."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import uvloop
from cyclopts import App, Parameter

from tulou.assembly.control import run_control
from tulou.assembly.environment import surroundings
from tulou.assembly.gateway import run_gateway
from tulou.assembly.replica import run_replica

run = App(name="run", help="Run one process of a house.")


@run.command
def control(
    *services: Annotated[str, Parameter(help="Only these services. [default: all of the control plane]")],
) -> None:
    """Run control services behind one address."""
    uvloop.run(run_control(surroundings(), services))


@run.command
def gateway(*, number: Annotated[int, Parameter(help="Which of the gateways that share the port.")] = 0) -> None:
    """Run one gateway process."""
    uvloop.run(run_gateway(surroundings(), number))


@run.command
def replica(*, spec: Annotated[Path, Parameter(help="The worker's spec, as the launcher wrote it.")]) -> None:
    """Run one replica of a deployment; the exit code says why it ended (see the replica contract)."""
    code = asyncio.run(run_replica(surroundings(), spec))
    # A native engine that could not be closed in time would hold up the interpreter's own end.
    os._exit(code)
