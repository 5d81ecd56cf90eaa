"""All replicas of this process from one snapshot to the next, with the models that those for many answer for."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from weakref import WeakValueDictionary

from tulou.contracts.discovery.messages import Replica
from tulou.kernel.clock import Clock
from tulou.rules.routing.patterns import filled
from tulou.services.gateway.lru import LruCache
from tulou.services.gateway.stack.backend import Backend, model_of
from tulou.services.gateway.stack.circuit import SingleTenancy
from tulou.services.gateway.stack.credentials import CredentialPool

NAMED_CAP = 128
"""Models of one replica that its vendor does not list and of which is remembered how they did: names may be made up.

As many again are remembered of which there is something to remember, when others are asked for.
"""


class Backends:
    """Backends by replica; one for many models has a backend of its own for each that is asked for."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._backends: dict[str, Backend] = {}
        self._listed: dict[str, dict[str, Backend]] = {}
        self._others: dict[str, LruCache[Backend]] = {}
        self._ailing: dict[str, LruCache[Backend]] = {}
        self._alive: WeakValueDictionary[tuple[str, str], Backend] = WeakValueDictionary()
        self._purse = CredentialPool()
        self.tenancy = SingleTenancy()
        self._epoch: int | None = None

    def __iter__(self) -> Iterator[Backend]:
        """Yield the backends that are mentioned now, those of single models too."""
        return iter((*self._backends.values(), *self._named()))

    def take(self, replica: Replica) -> Backend:
        """Return the backend of a replica: the known one, unless it has moved or is of another generation."""
        known = self._backends.get(replica.id)
        backend = self._backends[replica.id] = self._brought_up(known, replica)
        return backend

    def find(self, replica: Replica) -> Backend | None:
        """Return the backend of a replica as the snapshot in force has it, None for one of an earlier snapshot."""
        known = self._backends.get(replica.id)
        return known if known is not None and known.replica is replica else None

    def at(self, replica: Replica) -> Backend:
        """Return the backend of a replica; of one of an earlier snapshot one that nobody else knows."""
        return self.find(replica) or self._apart(replica)

    def named(self, replica: Replica, part: str) -> Backend:
        """Return the backend of one model of a replica for many, where `part` stands for the `*`.

        Each has a circuit and rests of credentials of its own: what a vendor does at one model says little of others.
        """
        model = filled(replica.upstream_model, part)
        one = replace(replica, upstream_model=model)
        if self.find(replica) is None:
            return self._apart(one)
        if model in replica.models:
            there = self._listed.setdefault(replica.id, {})
            backend = there[model] = self._brought_up(there.get(model), one)
            return backend
        backend = self._alive[replica.id, model] = self._brought_up(self._alive.get((replica.id, model)), one)
        gone = self._others.setdefault(replica.id, LruCache(NAMED_CAP)).put(model, backend)
        if gone is not None and gone.ails(self._clock.monotonic()):
            self._ailing.setdefault(replica.id, LruCache(NAMED_CAP)).put(gone.model, gone)
        return backend

    def keep_only(self, ids: set[str]) -> list[Backend]:
        """Forget the backends that are no longer mentioned, and return those of replicas."""
        dropped = [self._backends.pop(id_) for id_ in tuple(self._backends) if id_ not in ids]
        for backend in (*dropped, *self._unlisted()):
            backend.forgotten = True
        self._others = {id_: others for id_, others in self._others.items() if id_ in self._backends}
        self._ailing = {id_: others for id_, others in self._ailing.items() if id_ in self._backends}
        kept = [*self._backends.values(), *chain.from_iterable(listed.values() for listed in self._listed.values())]
        kept += self._alive.values()
        ids = {credential.id for one in self._backends.values() for credential in one.replica.credentials}
        pairs = {(credential.id, backend.model) for backend in kept for credential in backend.replica.credentials}
        self._purse.keep_only({pair for pair in pairs if pair[0] in ids})
        return dropped

    def obey_epoch(self, epoch: int) -> None:
        """Close every circuit when the snapshot's epoch has changed."""
        if self._epoch is not None and epoch != self._epoch:
            for backend in (*self, *self._alive.values()):
                backend.circuit.reset()
        self._epoch = epoch

    def _brought_up(self, known: Backend | None, replica: Replica) -> Backend:
        proofs = self._purse.proofs(replica.credentials, model_of(replica))
        if known is not None and known.same_place(replica):
            known.update(replica, proofs)
            return known
        if known is not None:
            known.forgotten = True
        return Backend(replica, clock=self._clock, proofs=proofs, tenancy=self.tenancy)

    def _apart(self, replica: Replica) -> Backend:
        proofs = self._purse.proofs(replica.credentials, model_of(replica))
        return Backend(replica, clock=self._clock, proofs=proofs, tenancy=self.tenancy)

    def _named(self) -> Iterator[Backend]:
        return chain(
            chain.from_iterable(listed.values() for listed in self._listed.values()),
            chain.from_iterable(self._others.values()),
        )

    def _unlisted(self) -> list[Backend]:
        """Take out the models of replicas that are gone, or that are no longer listed; return them."""
        gone: list[Backend] = []
        for id_, listed in tuple(self._listed.items()):
            parent = self._backends.get(id_)
            names = frozenset(parent.replica.models) if parent is not None else frozenset[str]()
            gone += [listed.pop(name) for name in tuple(listed) if name not in names]
            if not listed:
                del self._listed[id_]
        for id_, model in tuple(self._alive):
            if id_ not in self._backends and (backend := self._alive.pop((id_, model), None)) is not None:
                gone.append(backend)
        return gone
