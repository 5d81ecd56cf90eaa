"""What every command takes: where the house is, and how to print."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tulou.kernel.addresses import without_userinfo
from tulou.kernel.errors import InvalidError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of all commands."""

    json: Annotated[bool, Parameter(negative="", help="Print JSON instead of tables.")] = False
    dir: Annotated[Path | None, Parameter(help="The house's directory. [default: var, or as tulou.toml says]")] = None
    url: Annotated[str, Parameter(help="The gate of a house elsewhere.", env_var="TULOU_URL")] = ""
    key: Annotated[str, Parameter(help="An admin key of that house.", env_var="TULOU_KEY")] = ""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Changing(Options):
    """Options of commands that change something."""

    reason: Annotated[str, Parameter(name=("--reason", "-m"), help="Why; kept with what is changed.")] = ""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Removing(Changing):
    """Options of commands that take something away."""

    yes: Annotated[bool, Parameter(name=("--yes", "-y"), negative="", help="Do it without asking.")] = False


DEFAULTS = Options()
UNEXPLAINED = Changing()
ASKING = Removing()


def only_here(command: str, options: Options) -> None:
    """Raise `InvalidError` where a house elsewhere is named to a command that acts on this machine alone."""
    if options.url:
        raise InvalidError(
            f"`tulou {command}` acts on this machine alone, not on the house at {without_userinfo(options.url)} "
            "(from --url or TULOU_URL): run it on that machine, or leave the address out"
        )
