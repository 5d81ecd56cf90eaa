"""`tulou logs`."""

from typing import Annotated

from cyclopts import App, Parameter

from tulou.cli.house import house
from tulou.cli.options import DEFAULTS, Options
from tulou.cli.output import say, show


def register(app: App) -> None:
    """Add the command."""
    app.command(logs)


def logs(
    process: Annotated[str, Parameter(help="control, gateway-0, a replica's id ... [default: all, merged]")] = "",
    /,
    *,
    lines: int = 100,
    request: Annotated[str, Parameter(help="Only what belongs to one request id.")] = "",
    options: Options = DEFAULTS,
) -> None:
    """Print the last lines of the house's logs."""
    with house(options) as here:
        found = here.get("/api/v1/logs", process=process, lines=lines, request_id=request)
    if options.json:
        show(found, as_json=True, rows=[], columns=[])
        return
    for line in found["lines"]:
        say(line)
