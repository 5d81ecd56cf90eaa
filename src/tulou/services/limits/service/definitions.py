"""All limits of the house, in memory."""

from collections.abc import Iterator, Mapping

from tulou.contracts.limits.messages import Limit
from tulou.contracts.limits.terms import Terms, terms_of
from tulou.ports.database import Database
from tulou.services.limits import store
from tulou.services.limits.store import Defined


class Definitions(Mapping[str, Limit]):
    """Limits by name; read again after every change, and now and then for those of other processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._defined: dict[str, Defined] = {}
        self._terms: dict[str, Terms] = {}
        self.units: Mapping[str, str] = {}

    async def read(self) -> None:
        """Read what there is now."""
        async with self._database.reading() as tx:
            found = await store.limits(tx)
        self._defined = {one.limit.name: one for one in found}
        self._terms = {one.limit.name: terms_of(one.limit) for one in found}
        self.units = {one.limit.name: one.unit for one in found}

    def terms(self, name: str) -> Terms:
        """Return the terms of a limit that there is."""
        return self._terms[name]

    def made_at(self, name: str) -> float:
        """Return since when a limit counts what it counts now."""
        return self._defined[name].made_at

    def __getitem__(self, name: str) -> Limit:
        return self._defined[name].limit

    def __iter__(self) -> Iterator[str]:
        return iter(self._defined)

    def __len__(self) -> int:
        return len(self._defined)
