"""All limits of the house, in memory."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tulou.contracts.limits.messages import Limit
from tulou.ports.database import Database
from tulou.rules.limits.terms import LimitTerms, terms_of
from tulou.services.limits import store
from tulou.services.limits.store import StoredLimit

PAGE = 1_000


class Definitions(Mapping[str, Limit]):
    """Limits by name; each is read again when it changes, and all, a page at a time, for those of other processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._defined: dict[str, StoredLimit] = {}
        self._terms: dict[str, LimitTerms] = {}
        self._units: dict[str, str] = {}
        self._after = ""
        self._seen: set[str] = set()
        self._reading = asyncio.Lock()  # what was read later is taken in later

    @property
    def units(self) -> Mapping[str, str]:
        """What each limit counts, and over what time."""
        return self._units

    async def read(self) -> None:
        """Read what there is now, whole."""
        await self.look()
        while self._after:
            await self.look()

    async def look(self) -> Sequence[Limit]:
        """Read the next page of a round, and return it; at the round's end those are dropped that it did not find."""
        found = await self.page(after=self._after, limit=PAGE)
        self._seen |= {limit.name for limit in found}
        self._after = found[-1].name if len(found) == PAGE else ""
        if not self._after:
            missing, self._seen = self._defined.keys() - self._seen, set()
            await self.read_again(sorted(missing))
        return found

    async def page(self, *, after: str, limit: int) -> Sequence[Limit]:
        """Read the limits beyond a name."""
        async with self._reading, self._database.reading() as tx:
            return self._take(await store.page(tx, after=after, limit=limit))

    async def read_again(self, names: Sequence[str]) -> Sequence[Limit]:
        """Read some limits, and return those that there are."""
        if not names:
            return ()
        async with self._reading, self._database.reading() as tx:
            found = await store.named(tx, names)
            for name in set(names) - {one.limit.name for one in found}:
                for known in (self._defined, self._terms, self._units):
                    known.pop(name, None)
            return self._take(found)

    def terms(self, name: str) -> LimitTerms:
        """Return the terms of a limit that there is."""
        return self._terms[name]

    def made_at(self, name: str) -> float:
        """Return since when a limit counts what it counts now."""
        return self._defined[name].made_at

    def _take(self, found: Iterable[StoredLimit]) -> Sequence[Limit]:
        """Take limits in; one that is as it was stays the object that it was, so that a house has each only once."""
        for one in found:
            name = one.limit.name
            if self._defined.get(name) != one:
                self._defined[name], self._terms[name], self._units[name] = one, terms_of(one.limit), one.unit
        return [self._defined[one.limit.name].limit for one in found]

    def __getitem__(self, name: str) -> Limit:
        return self._defined[name].limit

    def __iter__(self) -> Iterator[str]:
        return iter(self._defined)

    def __len__(self) -> int:
        return len(self._defined)
