"""The keys of a house in memory, and a digest by which two processes see that they hold the same ones."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

import msgspec

from tulou.contracts.routing.messages import Grant, Snapshot, Update

DIGEST_BYTES = 16
PARTS = ("breaker_epoch", "routes", "targets", "limits", "prices", "policies")
"""What a snapshot has beside its grants; an update leaves out those that are as they were."""


class Ring:
    """Grants by key.

    The digest is the sum of each grant's own: it does not depend on the order in which they came, and a change costs as
    much as the grants that it names. It finds what was lost on the way, not what somebody forged.
    """

    def __init__(self, grants: Iterable[Grant] = ()) -> None:
        self._grants = {grant.key: grant for grant in grants}
        self._sum = sum(map(_number, self._grants.values()))

    def __len__(self) -> int:
        return len(self._grants)

    def __iter__(self) -> Iterator[Grant]:
        return iter(self._grants.values())

    def find(self, key: str) -> Grant | None:
        """Return the grant of a key, or None."""
        return self._grants.get(key)

    def put(self, grant: Grant) -> None:
        """Take a grant in, in the place of the one of the same key."""
        self.drop(grant.key)
        self._grants[grant.key] = grant
        self._sum += _number(grant)

    def drop(self, key: str) -> Grant | None:
        """Forget a key; return its grant if there was one."""
        grant = self._grants.pop(key, None)
        if grant is not None:
            self._sum -= _number(grant)
        return grant

    def copy(self) -> "Ring":
        """Return another ring with the same grants; a hundred thousand take about a millisecond."""
        other = Ring()
        other._grants, other._sum = self._grants.copy(), self._sum
        return other

    @property
    def digest(self) -> str:
        """What rings of the same grants have in common: 32 hexadecimal digits."""
        return f"{self._sum % (1 << 8 * DIGEST_BYTES):0{2 * DIGEST_BYTES}x}"


def whole(snapshot: Snapshot) -> Update:
    """Return the update that makes a snapshot of nothing."""
    parts = {name: getattr(snapshot, name) for name in PARTS}
    return Update(
        revision=snapshot.revision,
        house=snapshot.house,
        issued_at=snapshot.issued_at,
        digest=Ring(snapshot.grants).digest,
        grants=snapshot.grants,
        **parts,
    )


def _number(grant: Grant) -> int:
    return int.from_bytes(blake2b(msgspec.json.encode(grant), digest_size=DIGEST_BYTES).digest())
