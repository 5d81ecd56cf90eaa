"""What a component is given when it is built: contracts, ports and settings, each found by its type."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Provided:
    """A typed view of what has been assembled so far."""

    def __init__(self, things: Mapping[type[Any], object]) -> None:
        self._things = things

    def __getitem__(self, kind: type[T]) -> T:
        """Return the thing of this kind; assembly has checked that it is there."""
        return cast("T", self._things[kind])
