"""Why a process of the house could not start, in one line for whoever started it."""

import shutil
from pathlib import Path

from tulou.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TulouError,
    UnavailableError,
)

HOPELESS: dict[int, type[TulouError]] = {2: InvalidError, 3: NotFoundError, 4: ForbiddenError, 5: ConflictError}
"""Exit codes of `tulou` that say: trying again changes nothing."""
FULL_BYTES = 64 * 1024
OWN_WORDS = "tulou: "
REMEDIES = {
    "Too many open files": "raise the limit of open files, `ulimit -n`",
    "can't start new thread": "raise the limits of processes and memory, `ulimit -u` and `ulimit -v`",
    "Cannot allocate memory": "free some memory, or raise `ulimit -v`",
    "MemoryError": "free some memory, or raise `ulimit -v`",
    "No space left on device": "free some space on that disk",
    "ModuleNotFoundError": "install Tulou anew, with the extras that the settings need",
}
"""What to do about failures that come from the machine, by what Python says of them."""


def start_failure(name: str, code: int, printed: str, file: Path) -> TulouError:
    """Return the error that a process ended with, of the kind that its exit code stands for."""
    last = printed.rpartition("\n")[2].strip()
    if last.startswith(OWN_WORDS):
        return HOPELESS.get(code, UnavailableError)(f"{name} cannot start: {last.removeprefix(OWN_WORDS)}")
    for sign, remedy in REMEDIES.items():
        if sign in last:
            return UnavailableError(f"{name} cannot start: {last}; {remedy}")
    if last:
        return UnavailableError(f"{name} cannot start: {last}; all it said is in {file}")
    if _is_full(file.parent):
        return UnavailableError(f"{name} cannot start: no space is left in {file.parent}; free some on that disk")
    if code < 0:
        return UnavailableError(f"{name} was ended by signal {-code} while it started; is there enough memory?")
    return UnavailableError(f"{name} ended with {code} and said nothing; `tulou logs` may")


def _is_full(folder: Path) -> bool:
    """Say whether a disk has no room even for what a process says last."""
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False


def relayed(code: int, printed: str) -> TulouError:
    """Return the error that another `tulou` ended with."""
    said = [line.removeprefix(OWN_WORDS) for line in printed.splitlines() if line.startswith(OWN_WORDS)]
    last = said[-1] if said else printed.strip().rpartition("\n")[2]
    return HOPELESS.get(code, UnavailableError)(last or f"it ended with {code} and said nothing")
