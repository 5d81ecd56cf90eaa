"""`tulou run gateway`."""

from typing import Annotated

import uvloop
from cyclopts import Parameter

from tulou.assembly.environment import surroundings
from tulou.assembly.gateway import run_gateway


def gateway(*, number: Annotated[int, Parameter(help="Which of the gateways that share the port.")] = 0) -> None:
    """Run one gateway process."""
    uvloop.run(run_gateway(surroundings(), number))
