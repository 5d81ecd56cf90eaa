"""Ask before something goes: what goes is printed first, whoever is asked."""

import sys
from collections.abc import Sequence

from tulou.cli.options import Removing
from tulou.cli.output import errors
from tulou.kernel.errors import InvalidError

YES = ("y", "yes")


def confirm(plan: Sequence[str], question: str, options: Removing) -> None:
    """Print what goes, and go on if that is wanted; raise `InvalidError` if it is not, or there is nobody to ask."""
    for line in plan:
        errors.print(line, markup=False, emoji=False)
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise InvalidError(f"nothing was changed: {question} needs a yes and nobody is there to ask; give --yes")
    errors.print(f"{question}? [y/N] ", markup=False, end="")
    if sys.stdin.readline().strip().lower() not in YES:
        raise InvalidError("nothing was changed")
