"""`tulou vault ...`: the master key, and what is sealed with it; works on this machine, the house may be up or not."""

import asyncio
import os
from dataclasses import asdict

from cyclopts import App

from tulou.assembly.environment import surroundings
from tulou.assembly.sealed import rewrap as rewrap_all
from tulou.chassis.rewrapping import Rewrapped
from tulou.cli.options import DEFAULTS, Options
from tulou.cli.output import say, show

vault = App(name="vault", help="The master key, and what is sealed with it.")


@vault.command
def status(*, options: Options = DEFAULTS) -> None:
    """Count what is sealed, by the master key that it needs."""
    found = _run(options, only_look=True)
    rows = [{"MASTER KEY": key, "SEALED": count} for key, count in sorted(found.keys.items())]
    show(asdict(found), as_json=options.json, rows=rows, columns=["MASTER KEY", "SEALED"])


@vault.command
def rotate(*, options: Options = DEFAULTS) -> None:
    """Make a new master key and wrap every data key with it. Older keys stay: older backups need them."""
    _tell(_run(options, rotate=True), options)


@vault.command
def rewrap(*, options: Options = DEFAULTS) -> None:
    """Wrap every data key with the newest master key, which was made elsewhere."""
    _tell(_run(options), options)


def _run(options: Options, *, rotate: bool = False, only_look: bool = False) -> Rewrapped:
    if options.dir:
        os.environ["TULOU_HOUSE__DIRECTORY"] = str(options.dir.absolute())
    return asyncio.run(rewrap_all(surroundings(os.environ), rotate=rotate, only_look=only_look))


def _tell(done: Rewrapped, options: Options) -> None:
    if options.json:
        show(asdict(done), as_json=True, rows=[], columns=[])
    else:
        say(f"{done.changed} of {done.seen} secrets got a new wrapping; now they need {', '.join(done.keys) or 'none'}")
