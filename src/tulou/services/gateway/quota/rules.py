"""Which limits bind a key at a model: found once, then one step in a dictionary."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from tulou.contracts.limits.messages import Limit, Scope
from tulou.contracts.routing.messages import Grant

HOUSE = "house"


class Rules:
    """The limits of a snapshot, by scope and subject."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits: Mapping[str, Limit] = {limit.name: limit for limit in limits}
        self._by_subject: dict[tuple[Scope, str], list[Limit]] = {}
        for limit in limits:
            self._by_subject.setdefault((limit.scope, limit.subject), []).append(limit)

    def binding(self, grant: Grant, model: str) -> Iterator[tuple[Limit, str]]:
        """Yield the limits that bind, each with the subject that it counts for."""
        for scope, subject in subjects(grant).items():
            for named in (subject, ""):
                for limit in self._by_subject.get((scope, named), ()):
                    if limit.tenant in ("", grant.tenant) and _covers(limit.models, model):
                        yield limit, subject


def subjects(grant: Grant) -> Mapping[Scope, str]:
    """Return who a key counts for, in each scope."""
    return {
        "key": grant.key,
        "principal": f"{grant.tenant}/{grant.principal}",
        "project": f"{grant.tenant}/{grant.project}",
        "tenant": grant.tenant,
        "house": HOUSE,
    }


def _covers(patterns: Sequence[str], model: str) -> bool:
    return any(pattern in ("*", model) or fnmatchcase(model, pattern) for pattern in patterns)
