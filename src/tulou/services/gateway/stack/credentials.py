"""The credentials that an upstream takes, as this process knows them: which rest, and why."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Protocol
from weakref import WeakValueDictionary

from tulou.chassis.http.request import render_headers
from tulou.contracts.discovery.messages import ReplicaCredential
from tulou.services.gateway.stack.failure import AttemptFailedError, Kind

REST_S = 10.0
"""How long a credential rests after 429, where the vendor does not say, and after it was refused first."""

LONGEST_REST_S = 3600.0
LONGEST_REFUSED_S = 300.0


class CredentialListener(Protocol):
    """Tells the control process how credentials were received; never waits."""

    def refused(self, credential: str, status: int, *, served: bool, named: bool) -> None:
        """Tell that a vendor may not take it any more.

        `served`: it has been taken before; `named`: the vendor's words name the credential.
        """
        ...

    def limited(self, credential: str, retry_after_s: float) -> None:
        """Tell that a vendor asks to slow down."""
        ...


class CredentialState:
    """What is known of a credential whatever the model: until when nothing is called with it, when it was suspected."""

    __slots__ = ("rests_until", "suspected_at")

    def __init__(self) -> None:
        self.rests_until = 0.0
        self.suspected_at = -inf


class UpstreamCredential:
    """One credential at one model; shared by all replicas of that model that are called with it.

    What a vendor says at one model rests the credential there alone: limits and permissions are often a model's.
    `good_at` is the monotonic time of the last call that was taken.
    """

    __slots__ = ("__weakref__", "account", "good_at", "headers", "id", "lines", "of", "refusals", "rests_until", "why")

    def __init__(self, credential: ReplicaCredential, account: CredentialState) -> None:
        self.of = credential
        self.id = credential.id
        self.account = account
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in credential.headers}
        self.lines = render_headers(
            (name.encode("ascii"), value.encode("latin-1")) for name, value in self.headers.items()
        )
        self.rests_until = 0.0
        self.refusals = 0
        self.good_at = -inf
        self.why: Kind = "busy"

    def __repr__(self) -> str:
        """Never the headers: they are the secret."""
        return f"Proof({self.id})"

    def rested_at(self) -> float:
        """Return the monotonic time from which on it may be used."""
        return max(self.rests_until, self.account.rests_until)

    def rest(self, now: float, retry_after_s: float | None) -> float:
        """Use it no more for a while; return for how long."""
        seconds = REST_S if retry_after_s is None else min(max(retry_after_s, 0.0), LONGEST_REST_S)
        self.rests_until = max(self.rests_until, now + seconds)
        self.why = "busy"
        return seconds

    def refuse(self, now: float) -> None:
        """Use it no more until control has found out, or for a while that grows with each refusal."""
        self.rests_until = now + min(REST_S * 2.0 ** min(self.refusals, 16), LONGEST_REFUSED_S)
        self.refusals += 1
        self.why = "credential"


class ReplicaCredentials:
    """Those of one replica, taken in turn."""

    __slots__ = ("_proofs", "_turn")

    def __init__(self, proofs: Sequence[UpstreamCredential]) -> None:
        self._proofs = tuple(proofs)
        self._turn = 0

    def usable(self, now: float, refused: Sequence[UpstreamCredential] = ()) -> bool:
        """Whether there is one that does not rest and is not among those that were `refused` already."""
        return any(proof.rested_at() <= now and proof not in refused for proof in self._proofs)

    def rests(self, now: float) -> bool:
        """Whether any of them does."""
        return any(proof.rested_at() > now for proof in self._proofs)

    def take(self, now: float, refused: Sequence[UpstreamCredential] = ()) -> UpstreamCredential:
        """Return the next that may be used; raise `AttemptFailedError` when there is none."""
        for _ in self._proofs:
            proof = self._proofs[self._turn % len(self._proofs)]
            self._turn += 1
            if proof.rests_until <= now and proof.account.rests_until <= now and proof not in refused:
                return proof
        resting = [proof for proof in self._proofs if proof.rested_at() > now and proof.why != "credential"]
        if not resting:
            raise AttemptFailedError("credential", "the upstream has refused every credential that it was shown")
        soonest = min(proof.rested_at() for proof in resting)
        raise AttemptFailedError(
            "busy", "every credential of the upstream rests", status=429, retry_after_s=soonest - now
        )


class CredentialPool:
    """All credentials of this process, one `UpstreamCredential` for each model.

    One is forgotten once no snapshot mentions it, or nobody has it any more.
    """

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[str, str], UpstreamCredential] = WeakValueDictionary()
        self._accounts: dict[str, tuple[ReplicaCredential, CredentialState]] = {}

    def proofs(self, credentials: Iterable[ReplicaCredential], model: str) -> ReplicaCredentials | None:
        """Return the proofs of a replica of a model, None where it asks for none."""
        found = [self._proof(credential, model) for credential in credentials]
        return ReplicaCredentials(found) if found else None

    def keep_only(self, pairs: set[tuple[str, str]]) -> None:
        """Forget all other pairs of credential and model: one that comes back was revived, and is as good as new."""
        for pair in tuple(self._known):
            if pair not in pairs:
                self._known.pop(pair, None)
        ids = {id_ for id_, _ in pairs}
        self._accounts = {id_: known for id_, known in self._accounts.items() if id_ in ids}

    def _proof(self, credential: ReplicaCredential, model: str) -> UpstreamCredential:
        known = self._known.get((credential.id, model))
        if known is not None and known.of == credential:
            return known
        proof = self._known[credential.id, model] = UpstreamCredential(credential, self._account(credential))
        return proof

    def _account(self, credential: ReplicaCredential) -> CredentialState:
        known = self._accounts.get(credential.id)
        if known is not None and known[0] == credential:
            return known[1]
        account = CredentialState()
        self._accounts[credential.id] = (credential, account)
        return account
