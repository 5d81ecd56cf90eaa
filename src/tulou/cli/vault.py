"""`tulou vault ...`: the master key, and what is sealed with it, in the house that is named, up or down."""

import asyncio
import os
from typing import Any

import msgspec
from cyclopts import App

from tulou.assembly.environment import surroundings
from tulou.assembly.running import read_standing
from tulou.assembly.sealed import rewrap as rewrap_here
from tulou.chassis.rewrapping import Rewrapped
from tulou.cli.greeting import alive
from tulou.cli.house import directory_of, house
from tulou.cli.options import DEFAULTS, UNEXPLAINED, Changing, Options
from tulou.cli.output import say, show
from tulou.kernel.errors import NotFoundError

vault = App(name="vault", help="The master key, and what is sealed with it.")
ROUTE = "/api/v1/vault"


@vault.command
def status(*, options: Options = DEFAULTS) -> None:
    """Count what is sealed, by the master key that it needs."""
    if _is_up(options):
        with house(options) as here:
            found = _read(here.get(ROUTE))
    else:
        found = _here(options, only_look=True)
    rows = [
        {"MASTER KEY": key, "SEALED": count, "OPENS": found.lost.get(key, "yes")}
        for key, count in sorted(found.keys.items())
    ]
    show(msgspec.to_builtins(found), as_json=options.json, rows=rows, columns=["MASTER KEY", "SEALED", "OPENS"])


@vault.command
def rotate(*, options: Changing = UNEXPLAINED) -> None:
    """Make a new master key and wrap every data key with it. Older keys stay: older backups need them."""
    _changed("rotate", options)


@vault.command
def rewrap(*, options: Changing = UNEXPLAINED) -> None:
    """Wrap every data key with the newest master key, which was made elsewhere."""
    _changed("rewrap", options)


def _changed(how: str, options: Changing) -> None:
    if _is_up(options):
        with house(options) as here:
            done = _read(here.post(f"{ROUTE}/{how}"))
    else:
        done = _here(options, rotate=how == "rotate")
    if options.json:
        show(msgspec.to_builtins(done), as_json=True, rows=[], columns=[])
    else:
        say(f"{done.changed} of {done.seen} secrets got a new wrapping; now they need {', '.join(done.keys) or 'none'}")


def _is_up(options: Options) -> bool:
    """Say whether there is a house to ask: one that was named, or the one that is up in this directory."""
    return bool(options.url) or ((up := read_standing(directory_of(options))) is not None and alive(up.pid))


def _here(options: Options, *, rotate: bool = False, only_look: bool = False) -> Rewrapped:
    """Do it in a house of this machine that is down; one that never was is not made by looking for it."""
    directory = directory_of(options)
    if not (directory / "run").is_dir():
        raise NotFoundError(f"there is no house in {directory}; name its directory with --dir, or its gate with --url")
    os.environ["TULOU_HOUSE__DIRECTORY"] = str(directory)
    return asyncio.run(rewrap_here(surroundings(os.environ), rotate=rotate, only_look=only_look))


def _read(answer: Any) -> Rewrapped:
    return msgspec.convert(answer, Rewrapped)
