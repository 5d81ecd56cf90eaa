"""The credentials that an upstream takes, as this process knows them: which rest, which are over."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Protocol

from tulou.chassis.http.request import render_headers
from tulou.contracts.discovery.messages import ReplicaCredential
from tulou.services.gateway.stack.failure import AttemptFailedError

REST_S = 10.0
"""How long a credential rests after 429, where the vendor does not say."""

LONGEST_REST_S = 3600.0


class Reports(Protocol):
    """Tells the control process how credentials were received; never waits."""

    def refused(self, credential: str, status: int) -> None:
        """Tell that a vendor does not take it any more."""
        ...

    def limited(self, credential: str, retry_after_s: float) -> None:
        """Tell that a vendor asks to slow down."""
        ...


class Proof:
    """One credential; shared by all replicas that are called with it."""

    __slots__ = ("headers", "id", "lines", "rests_until", "retired")

    def __init__(self, credential: ReplicaCredential) -> None:
        self.id = credential.id
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in credential.headers}
        self.lines = render_headers(
            (name.encode("ascii"), value.encode("latin-1")) for name, value in self.headers.items()
        )
        self.rests_until = 0.0
        self.retired = False

    def __repr__(self) -> str:
        """Never the headers: they are the secret."""
        return f"Proof({self.id})"

    def rest(self, now: float, retry_after_s: float | None) -> float:
        """Use it no more for a while; return for how long."""
        seconds = REST_S if retry_after_s is None else min(max(retry_after_s, 0.0), LONGEST_REST_S)
        self.rests_until = max(self.rests_until, now + seconds)
        return seconds


class Proofs:
    """Those of one replica, taken in turn."""

    __slots__ = ("_proofs", "_turn")

    def __init__(self, proofs: Sequence[Proof]) -> None:
        self._proofs = tuple(proofs)
        self._turn = 0

    def usable(self, now: float) -> bool:
        """Whether there is one that neither rests nor is over."""
        return any(not proof.retired and proof.rests_until <= now for proof in self._proofs)

    def take(self, now: float) -> Proof:
        """Return the next that may be used; raise `AttemptFailedError` when all rest or are over."""
        for _ in self._proofs:
            proof = self._proofs[self._turn % len(self._proofs)]
            self._turn += 1
            if not proof.retired and proof.rests_until <= now:
                return proof
        soonest = min((proof.rests_until for proof in self._proofs if not proof.retired), default=inf)
        if soonest == inf:
            raise AttemptFailedError("credential", "the upstream has refused every credential that it was shown")
        raise AttemptFailedError(
            "busy", "every credential of the upstream rests", status=429, retry_after_s=soonest - now
        )


class Purse:
    """All credentials of this process, one `Proof` for each; forgotten once no snapshot mentions them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[ReplicaCredential, Proof]] = {}

    def proofs(self, credentials: Iterable[ReplicaCredential]) -> Proofs | None:
        """Return the proofs of a replica, None where it asks for none."""
        found = [self._proof(credential) for credential in credentials]
        return Proofs(found) if found else None

    def keep_only(self, ids: set[str]) -> None:
        """Forget all others: one that comes back later was revived, and is as good as new."""
        self._known = {id_: known for id_, known in self._known.items() if id_ in ids}

    def _proof(self, credential: ReplicaCredential) -> Proof:
        known = self._known.get(credential.id)
        if known is not None and known[0] == credential:
            return known[1]
        proof = Proof(credential)
        self._known[credential.id] = (credential, proof)
        return proof
