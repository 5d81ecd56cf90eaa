"""With which keys the keys of the past were made, whether they are valid still or not."""

from collections.abc import Collection, Mapping

from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import ListGrants, NameKey
from tulou.kernel.errors import NotFoundError

PAGE = 500
ENDED_CAP = 1_000
"""Of so many keys that have ended is asked, one by one; others count for themselves alone."""


class KeyOwners:
    """Asks identity: of valid keys many at once, of the others each."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def of(self, keys: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the makers of each key that has some."""
        asked = sorted(key for key in keys if key)
        found: dict[str, tuple[str, ...]] = {}
        for first in range(0, len(asked), PAGE):
            some = tuple(asked[first : first + PAGE])
            grants = await self._identity.grants(ListGrants(keys=some, limit=PAGE))
            found |= {grant.key: grant.makers for grant in grants.items}
        for key in [key for key in asked if key not in found][:ENDED_CAP]:
            try:
                found[key] = (await self._identity.key(NameKey(id=key))).makers
            except NotFoundError:  # it was never one of this house's, or was erased
                continue
        return {key: makers for key, makers in found.items() if makers}
