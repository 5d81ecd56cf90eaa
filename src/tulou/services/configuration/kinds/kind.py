"""What every kind of resource has."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tulou.services.configuration.domain.document import Entry


class PutResource(Protocol):
    """Makes an entry, or changes the one there was `before`."""

    def __call__(self, entry: Entry, before: Entry | None) -> Awaitable[object]:
        """Make it so."""
        ...


class RestoreResource(Protocol):
    """Makes an entry again that was there at a time, with what belonged to it and no document holds."""

    def __call__(self, entry: Entry, *, at: float, whole: bool) -> Awaitable[object]:
        """Make it so; keys come back disabled, unless it is to be `whole` again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceKind:
    """`put_all`, where there is one, makes many at once, all of them or none.

    `read` gives None when there are too many for a document: they are not declared, and stay as they are.
    """

    read: Callable[[], Awaitable[Sequence[Entry] | None]]
    put: PutResource
    delete: Callable[[Entry], Awaitable[object]]
    put_all: Callable[[Sequence[Entry]], Awaitable[object]] | None = None
    restore: RestoreResource | None = None


def fields_of(entry: Entry, kind: type[Entry]) -> dict[str, Any]:
    """Return those fields of an entry that a message of this kind has."""
    return {name: getattr(entry, name) for name in kind.__dataclass_fields__ if hasattr(entry, name)}
