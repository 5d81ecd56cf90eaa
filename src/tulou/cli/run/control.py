"""`tulou run control`."""

from typing import Annotated

import uvloop
from cyclopts import Parameter

from tulou.assembly.control import run_control
from tulou.assembly.environment import surroundings


def control(
    *services: Annotated[str, Parameter(help="Only these services. [default: all of the control plane]")],
) -> None:
    """Run control services behind one address."""
    uvloop.run(run_control(surroundings(), services))
