"""What a house has many of, in memory by name, and a digest by which two processes see that they hold the same."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from operator import attrgetter
from typing import Generic, TypeVar

import msgspec
from immutables import Map

from tulou.contracts.limits.messages import Limit
from tulou.contracts.routing.messages import Grant, Snapshot, Update

DIGEST_BYTES = 16
PARTS = ("breaker_epoch", "routes", "targets", "prices", "policies")
"""What a snapshot has beside its grants and limits; an update leaves out those that are as they were."""

Item = TypeVar("Item")


class DigestedMap(Generic[Item]):
    """Items by name: grants by their keys, limits by their names.

    The digest is the sum of each item's own: it does not depend on the order in which they came, and a change costs as
    much as the items that it names. It finds what was lost on the way, not what somebody forged. Items have no order.
    """

    def __init__(self, name_of: Callable[[Item], str], items: Iterable[Item] = ()) -> None:
        self._name_of = name_of
        self._items: Map[str, Item] = Map((name_of(item), item) for item in items)
        self._sum = sum(map(_number, self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def name(self, item: Item) -> str:
        """Return the name of an item."""
        return self._name_of(item)

    def find(self, name: str) -> Item | None:
        """Return the item of a name, or None."""
        return self._items.get(name)

    def put(self, item: Item) -> None:
        """Take an item in, in the place of the one of the same name."""
        name = self._name_of(item)
        self.drop(name)
        self._items = self._items.set(name, item)
        self._sum += _number(item)

    def drop(self, name: str) -> Item | None:
        """Forget a name; return its item if there was one."""
        item = self._items.get(name)
        if item is not None:
            self._items = self._items.delete(name)
            self._sum -= _number(item)
        return item

    def copy(self) -> "DigestedMap[Item]":
        """Return another ring with the same items; it takes no longer for many."""
        other: DigestedMap[Item] = DigestedMap(self._name_of)
        other._items, other._sum = self._items, self._sum
        return other

    @property
    def digest(self) -> str:
        """What rings of the same items have in common: 32 hexadecimal digits."""
        return f"{self._sum % (1 << 8 * DIGEST_BYTES):0{2 * DIGEST_BYTES}x}"


def ring_of_grants(grants: Iterable[Grant] = ()) -> DigestedMap[Grant]:
    """Return grants by their keys."""
    return DigestedMap(attrgetter("key"), grants)


def ring_of_limits(limits: Iterable[Limit] = ()) -> DigestedMap[Limit]:
    """Return limits by their names."""
    return DigestedMap(attrgetter("name"), limits)


def digest_of(grants: DigestedMap[Grant], limits: DigestedMap[Limit]) -> str:
    """Return the digest of both, as updates tell it."""
    return grants.digest + limits.digest


def whole(snapshot: Snapshot) -> Update:
    """Return the update that makes a snapshot of nothing."""
    parts = {name: getattr(snapshot, name) for name in PARTS}
    return Update(
        revision=snapshot.revision,
        house=snapshot.house,
        issued_at=snapshot.issued_at,
        digest=digest_of(ring_of_grants(snapshot.grants), ring_of_limits(snapshot.limits)),
        grants=snapshot.grants,
        limits=snapshot.limits,
        **parts,
    )


def _number(item: object) -> int:
    return int.from_bytes(blake2b(msgspec.json.encode(item), digest_size=DIGEST_BYTES).digest())
