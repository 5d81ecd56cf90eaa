"""What an attack is: a name, what is done, and whether it takes a key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.drills.field import Field

Done = Callable[[Field], Awaitable[None]]
"""Attacks until it has done its worst, after which it is called again, or is cancelled; counts its requests."""


@dataclass(frozen=True, slots=True)
class Attack:
    """Something that a hostile tenant does, or a stranger."""

    name: str
    run: Done
    stranger: bool = False
    """Whether it is done without a valid key: then nothing may be written down request by request."""


def attack(run: Done, *, stranger: bool = False) -> Attack:
    """Return an attack that is called what its function is called."""
    return Attack(getattr(run, "__name__", "attack").replace("_", " "), run, stranger=stranger)
