"""What is to be asked again, each thing once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

TOGETHER = 1_000
"""Names that are asked for at once, and items on a page."""


@dataclass(frozen=True, slots=True)
class Scope:
    """All items of a house, of a tenant, or of one of its principals."""

    tenant: str = ""
    principal: str = ""


@dataclass(slots=True)
class Sweep:
    """Reads all items of a scope, a page at a time."""

    scope: Scope
    after: str = ""
    seen: set[str] = field(default_factory=set[str])
    done: bool = False

    def took(self, names: Sequence[str], *, following: str | None) -> None:
        """Note a page; after the last it is done."""
        self.seen.update(names)
        self.after = following or ""
        self.done = following is None


class RefreshQueue:
    """Of the items, those that were named come first: a key that was revoked waits for no sweep."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._sweeps: list[Sweep] = []

    def ask_for(self, names: Iterable[str]) -> None:
        """Have items looked at again."""
        self._names |= dict.fromkeys(names)

    def sweep(self, scope: Scope) -> None:
        """Have all items of a scope looked at again, unless that is waiting to begin."""
        if all(sweep.after or sweep.scope != scope for sweep in self._sweeps):
            self._sweeps.append(Sweep(scope))

    def take_names(self) -> tuple[str, ...]:
        """Return some items that are to be looked at, and forget them."""
        taken = tuple(self._names)[:TOGETHER]
        for name in taken:
            del self._names[name]
        return taken

    def take_sweep(self) -> Sweep | None:
        """Return a sweep that has a page to read, and forget it."""
        return self._sweeps.pop(0) if self._sweeps else None

    def go_on(self, sweep: Sweep) -> None:
        """Have the next page of a sweep read, after those of the others."""
        if all(other is not sweep for other in self._sweeps):
            self._sweeps.append(sweep)

    @property
    def none(self) -> bool:
        """Whether there is nothing to ask."""
        return not (self._names or self._sweeps)
