"""`tulou config show`."""

import os

from cyclopts import App

from tulou.assembly.environment import surroundings
from tulou.assembly.reference import tables
from tulou.assembly.settings import defaults
from tulou.cli.options import DEFAULTS, Options, only_here
from tulou.cli.output import show

config = App(name="config", help="The house's settings.")


@config.command(name="show")
def show_(*, options: Options = DEFAULTS) -> None:
    """Print every setting, its value, and where that came from."""
    only_here("config show", options)
    settings = surroundings(os.environ).settings
    settings.check_tables(tables())
    rows = [
        {
            "SETTING": f"{name}.{key}",
            "VALUE": getattr(settings.table(name, kind), key),
            "FROM": settings.source(name, key),
        }
        for name, kind in sorted(tables().items())
        for key in defaults(kind)
    ]
    show(rows, as_json=options.json, rows=rows, columns=["SETTING", "VALUE", "FROM"])
