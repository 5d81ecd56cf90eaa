"""Says whether a model can be used before anybody asks it: what lists of models go by.

What a request will say is not known, so all are tried that could be decided differently: at each endpoint, as a stream
and whole, in a batch and not, and with answers of no stated length and of lengths to either side of what policies name.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from tulou.contracts.governance.messages import Attribute
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.rules.rights.entities import moment
from tulou.services.gateway.policy.decider import PolicyDecider
from tulou.services.gateway.refusals import PolicyDeniedError

NO_ENDPOINT: tuple[Endpoint, ...] = ("chat",)
"""What is assumed of a model that has no replica yet to say what it does."""

EITHER = (False, True)
LENGTHS_CAP = 30
"""More than policies name; each makes every ruling about a model that nobody may use three times as dear."""


def foreseen(*, now: float, address: str) -> dict[str, Attribute]:
    """Return what is known of a request that has not come: when and whence."""
    known = moment(now)
    return known | {"address": address} if address else known


def usable(
    judge: PolicyDecider, grant: Grant, model: str, *, endpoints: Sequence[Endpoint], known: Mapping[str, Attribute]
) -> bool:
    """Say whether the judge lets some request through at one of a model's endpoints."""
    return any(_allows(judge, grant, model, {**known, **said}) for said in _sayings(judge, endpoints or NO_ENDPOINT))


def _sayings(judge: PolicyDecider, endpoints: Sequence[Endpoint]) -> Iterator[dict[str, Attribute]]:
    """Yield what requests could say, the plainest first; what no policy heeds is the same in all of them."""
    choices: Mapping[str, Sequence[Attribute | None]] = {
        "endpoint": endpoints,
        "stream": EITHER,
        "batch": EITHER,
        "tokens": (None, *_lengths(judge)),
    }
    tried = [values if judge.heeds(name) else values[:1] for name, values in choices.items()]
    for values in product(*tried):
        yield {name: value for name, value in zip(choices, values, strict=True) if value is not None}


def _lengths(judge: PolicyDecider) -> Sequence[int]:
    named = judge.lengths[:LENGTHS_CAP]
    return sorted({1, *(length + step for length in named for step in (-1, 0, 1) if length + step > 0)})


def _allows(judge: PolicyDecider, grant: Grant, model: str, context: Mapping[str, Attribute]) -> bool:
    try:
        judge.check(grant, model, context)
    except PolicyDeniedError:
        return False
    return True
