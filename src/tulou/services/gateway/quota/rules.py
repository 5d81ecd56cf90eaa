"""Which limits bind a request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from operator import attrgetter

from immutables import Map

from tulou.contracts.limits.messages import Limit, Scope
from tulou.contracts.routing.messages import Grant
from tulou.rules.routing.ring import DigestedMap, ring_of_limits

HOUSE = "house"
Place = tuple[Scope, str, str]
"""A scope, a subject or none, and a tenant or none."""


class LimitRules:
    """The limits of a snapshot by name, and by whom they are for; immutable.

    Others that differ in a few are made at the cost of these few. They remember of which they were made, and in what
    they differ, so that who had those need look at no more.
    """

    __slots__ = ("_before", "_changed", "_places", "ring", "stamp")

    def __init__(self, limits: Iterable[Limit] = ()) -> None:
        self.ring: DigestedMap[Limit] = ring_of_limits(limits)
        self._places: Map[Place, tuple[Limit, ...]] = Map(_filed(self.ring))
        self.stamp, self._before = object(), object()
        self._changed: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.ring)

    def find(self, name: str) -> Limit | None:
        """Return a limit, or None."""
        return self.ring.find(name)

    def updated(self, limits: Sequence[Limit], ended: Sequence[str]) -> "LimitRules":
        """Return the rules with some limits made or replaced, and others ended."""
        if not limits and not ended:
            return self
        made = LimitRules()
        made.ring, made._places, made._before = self.ring.copy(), self._places, self.stamp
        made._changed = frozenset({*ended, *(limit.name for limit in limits)})
        for name in made._changed:
            if (dropped := made.ring.drop(name)) is not None:
                made._unfile(dropped)
        for limit in limits:
            made.ring.put(limit)
            made._file(limit)
        return made

    def changed_since(self, other: "LimitRules") -> frozenset[str] | None:
        """Return the names of what is not as it was in others; None if it may be any."""
        return self._changed if other.stamp is self._before else None

    def binding(self, grant: Grant, model: str) -> Iterator[tuple[Limit, str]]:
        """Yield the limits that bind, each with the subject that it counts for."""
        for scope, named, subject in counted_for(grant):
            for tenant in (grant.tenant, ""):
                for limit in self._places.get((scope, named, tenant), ()):
                    if _covers(limit.models, model):
                        yield limit, subject

    def _file(self, limit: Limit) -> None:
        place = _place(limit)
        self._places = self._places.set(place, _ordered((*self._places.get(place, ()), limit)))

    def _unfile(self, limit: Limit) -> None:
        place = _place(limit)
        others = tuple(one for one in self._places[place] if one.name != limit.name)
        self._places = self._places.set(place, others) if others else self._places.delete(place)


def _place(limit: Limit) -> Place:
    return limit.scope, limit.subject, limit.tenant


def _filed(limits: Iterable[Limit]) -> Iterator[tuple[Place, tuple[Limit, ...]]]:
    places: dict[Place, list[Limit]] = {}
    for limit in limits:
        places.setdefault(_place(limit), []).append(limit)
    return ((place, _ordered(there)) for place, there in places.items())


def _ordered(limits: Iterable[Limit]) -> tuple[Limit, ...]:
    """Return limits as every gateway puts them, whichever came to it first: by name."""
    return tuple(sorted(limits, key=attrgetter("name")))


def subjects(grant: Grant) -> Mapping[Scope, str]:
    """Return who a key counts for, in each scope."""
    return {
        "key": grant.key,
        "principal": f"{grant.tenant}/{grant.principal}",
        "project": f"{grant.tenant}/{grant.project}",
        "tenant": grant.tenant,
        "house": HOUSE,
    }


def counted_for(grant: Grant) -> Iterator[tuple[Scope, str, str]]:
    """Yield scopes and subjects of limits that bind a key, and what it counts for in each.

    A key that was made with another counts for that one, too; where a limit is for each key, the two are one.
    """
    for scope, subject in subjects(grant).items():
        yield scope, subject, subject
        yield scope, "", grant.makers[0] if scope == "key" and grant.makers else subject
    for maker in grant.makers:
        yield "key", maker, maker


def _covers(patterns: Sequence[str], model: str) -> bool:
    return any(pattern in ("*", model) or fnmatchcase(model, pattern) for pattern in patterns)
