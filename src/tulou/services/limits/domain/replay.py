"""Decide past requests again, as one gateway would have that knew beforehand what each takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from heapq import heappop, heappush

from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import Limit, PastRequest
from tulou.contracts.metering.messages import Units
from tulou.rules.limits.terms import LimitTerms, terms_of
from tulou.services.limits.domain.account import ROUNDING, LimitAccount


@dataclass(slots=True)
class _Counted:
    """One limit for one subject: an account, and when the requests that hold a place end."""

    terms: LimitTerms
    account: LimitAccount = field(default_factory=LimitAccount)
    ends: list[float] = field(default_factory=list[float])

    def room(self, units: int, now: float) -> bool:
        while self.ends and self.ends[0] <= now:
            heappop(self.ends)
        if self.terms.kind == "window" and self.terms.begins(now) > self.account.at:
            self.account = LimitAccount(at=self.terms.begins(now))
        used = len(self.ends) if self.terms.kind == "places" else self.account.level(self.terms, now)
        return used + units <= self.terms.capacity + ROUNDING

    def use(self, units: int, request: PastRequest) -> None:
        if self.terms.kind == "places":
            heappush(self.ends, request.at + request.took_s)
        elif self.terms.kind == "window":
            self.account.used += units
        else:
            self.account.at = max(self.account.at, request.at) + units * self.terms.unit_s


def replay(limits: Sequence[Limit], requests: Sequence[PastRequest]) -> tuple[str, ...]:
    """Return the hard limit that refuses each request, or nothing, in the order in which they were given."""
    hard = [limit for limit in limits if limit.edge == "hard"]
    counted: dict[tuple[str, str], _Counted] = {}
    refused: dict[int, str] = {}
    for place in sorted(range(len(requests)), key=lambda place: requests[place].at):
        request = requests[place]
        binding = [
            (limit.name, _units(limit, request), counted.setdefault((limit.name, subject), _Counted(terms_of(limit))))
            for limit in hard
            if (subject := bound(limit, request)) is not None
        ]
        by = next((name for name, units, one in binding if not one.room(units, request.at)), "")
        refused[place] = by
        if not by:
            for _, units, one in binding:
                one.use(units, request)
    return tuple(refused[place] for place in range(len(requests)))


def bound(limit: Limit, request: PastRequest) -> str | None:
    """Return for whom a request counts under a limit, as the gate counts it; None where the limit does not bind it.

    A key that was made with another counts for that one, too; where a limit is for each key, the two are one.
    """
    if limit.tenant not in ("", request.tenant) or not _covers(limit.models, request.model):
        return None
    own = _subject(limit, request)
    makers = request.makers if limit.scope == "key" else ()
    if not limit.subject:
        return makers[0] if makers else own
    return limit.subject if limit.subject in (own, *makers) else None


def _covers(patterns: Sequence[str], model: str) -> bool:
    return any(pattern in ("*", model) or fnmatchcase(model, pattern) for pattern in patterns)


def _subject(limit: Limit, request: PastRequest) -> str:
    subjects: Mapping[str, str] = {
        "key": request.key,
        "principal": f"{request.tenant}/{request.principal}",
        "project": f"{request.tenant}/{request.project}",
        "tenant": request.tenant,
        "house": "house",
    }
    return subjects[limit.scope]


def _units(limit: Limit, request: PastRequest) -> int:
    used = request.units or Units(input=request.input_tokens, output=request.output_tokens)
    return MEASURES[limit.measure].taken(used, request.cost)
