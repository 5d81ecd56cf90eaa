"""What is to be asked again, each thing once."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tulou.contracts.identity.messages import GrantList, ListGrants
from tulou.contracts.routing.messages import Grant
from tulou.contracts.routing.ring import Ring

TOGETHER = ListGrants().limit


@dataclass(slots=True)
class Sweep:
    """Reads all grants of a tenant, of a principal, or of the house, a page at a time."""

    page: ListGrants
    seen: set[str] = field(default_factory=set[str])
    done: bool = False

    def took(self, found: GrantList) -> None:
        """Note a page; after the last it is done."""
        self.seen.update(grant.key for grant in found.items)
        self.page = replace(self.page, after=found.next or "")
        self.done = found.next is None

    def missing(self, ring: Ring) -> list[str]:
        """Return the keys that were not found; they are to be asked for by name, since some were made meanwhile."""
        return [grant.key for grant in ring if grant.key not in self.seen and self._covers(grant)]

    def _covers(self, grant: Grant) -> bool:
        return self.page.tenant in ("", grant.tenant) and self.page.principal in ("", grant.principal)


class Errands:
    """Of the keys, those that were named come first: a key that was revoked waits for no sweep."""

    def __init__(self) -> None:
        self.parts: set[str] = set()
        self._keys: dict[str, None] = {}
        self._sweeps: list[Sweep] = []

    def ask_for(self, keys: Iterable[str]) -> None:
        """Have keys looked at again."""
        self._keys |= dict.fromkeys(keys)

    def sweep(self, scope: ListGrants) -> None:
        """Have all keys of a scope looked at again, unless that is waiting to begin."""
        if all(sweep.page != scope for sweep in self._sweeps):
            self._sweeps.append(Sweep(scope))

    def take_parts(self) -> set[str]:
        """Return what beside keys is to be asked, and forget it."""
        taken, self.parts = self.parts, set()
        return taken

    def take_keys(self) -> tuple[str, ...]:
        """Return some keys that are to be looked at, and forget them."""
        taken = tuple(self._keys)[:TOGETHER]
        for key in taken:
            del self._keys[key]
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
        return not (self.parts or self._keys or self._sweeps)
