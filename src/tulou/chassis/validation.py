"""Ask of several entries which would be refused, with the checks by which they are."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from tulou.kernel.errors import TulouError
from tulou.kernel.message import Rejection, Rejections

T = TypeVar("T")


def rejections(entries: Iterable[tuple[str, T]], check: Callable[[T], object]) -> Rejections:
    """Return why a check refuses each of the named entries that it refuses."""
    return Rejections(items=tuple(one for name, entry in entries if (one := _refusal(name, entry, check)) is not None))


def _refusal(name: str, entry: T, check: Callable[[T], object]) -> Rejection | None:
    try:
        check(entry)
    except TulouError as error:
        return Rejection(name=name, why=str(error), code=error.code, param=error.param or "")
    return None
