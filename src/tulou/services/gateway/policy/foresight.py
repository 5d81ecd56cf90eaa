"""Says whether a model can be used before anybody asks it: what lists of models go by."""

from collections.abc import Mapping, Sequence

from tulou.chassis.rights.entities import moment
from tulou.contracts.governance.messages import Attribute
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.services.gateway.policy.judge import Judge
from tulou.services.gateway.refusals import PolicyDeniedError

UNKNOWN: tuple[Endpoint, ...] = ("chat",)
"""What is assumed of a model that has no replica yet to say what it does."""


def foreseen(*, now: float, address: str) -> dict[str, Attribute]:
    """Return what is known of a request that has not come: when and whence, and that it asks for nothing special."""
    known = moment(now) | {"stream": False, "batch": False}
    return known | {"address": address} if address else known


def usable(
    judge: Judge, grant: Grant, model: str, *, endpoints: Sequence[Endpoint], known: Mapping[str, Attribute]
) -> bool:
    """Say whether the judge lets such a request through at any of a model's endpoints."""
    return any(_allows(judge, grant, model, {**known, "endpoint": endpoint}) for endpoint in endpoints or UNKNOWN)


def _allows(judge: Judge, grant: Grant, model: str, context: Mapping[str, Attribute]) -> bool:
    try:
        judge.check(grant, model, context)
    except PolicyDeniedError:
        return False
    return True
