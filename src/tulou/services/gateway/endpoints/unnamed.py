"""Requests that name no model, where OpenAI has a default."""

from tulou.contracts.routing.messages import Grant
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.snapshot.plan import RequestPlan
from tulou.services.gateway.stack.admission import permits

DEFAULTS = ("omni-moderation-latest", "omni-moderation", "text-moderation-latest")
"""What OpenAI takes for moderations, and its other names; the first that there is."""


def moderator(plan: RequestPlan, grant: Grant) -> str:
    """Return the model that moderates: the vendor's default, or the only one that this key may use.

    Raise `InvalidError` where it is not plain which is meant.
    """
    lanes = plan.lanes["moderations"]
    named = next((model for model in DEFAULTS if _may(grant, model) and lanes.get(model) is not None), "")
    mine = [model for model in lanes.models if _may(grant, model)]
    if named or len(mine) == 1:
        return named or mine[0]
    there = f"{len(mine)} models moderate; name one of them" if mine else "no model moderates here"
    raise InvalidError(f"model: it is missing, and {there}: GET /v1/models lists yours", param="model")


def _may(grant: Grant, model: str) -> bool:
    return "*" in grant.models or permits(grant, model)
