"""`tulou run replica`."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tulou.assembly.environment import surroundings
from tulou.assembly.replica import run_replica


def replica(*, spec: Annotated[Path, Parameter(help="The worker's spec, as the launcher wrote it.")]) -> None:
    """Run one replica of a deployment; the exit code says why it ended (see the replica contract)."""
    code = asyncio.run(run_replica(surroundings(), spec))
    # A native engine that could not be closed in time would hold up the interpreter's own end.
    os._exit(code)
