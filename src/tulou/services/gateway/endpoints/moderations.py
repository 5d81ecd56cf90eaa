"""Moderations, as OpenAI has them."""

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import Anything, EndpointRequest
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.unnamed import moderator


class Moderation(EndpointRequest, kw_only=True):
    """POST /v1/moderations; without a model the house has one that moderates."""

    model: str = ""
    input: str | list[str | Anything]

    def prefix(self) -> str:
        """Return how the first text begins."""
        return self.input if isinstance(self.input, str) else ""


MODERATIONS = GatewayEndpoint(
    facts=ENDPOINTS["moderations"],
    request=Moderation,
    unnamed=moderator,
    described=Description(
        operation="create_moderation",
        summary="Look for what is harmful",
        about="Pass the texts on to a vendor that moderates.",
        schema="ModerationRequest",
        answered=answers.Moderations,
        questions={"whole": {"summary": "A text", "value": {"model": "omni-moderation", "input": "Be nice."}}},
        answer={
            "id": "modr-1",
            "model": "omni-moderation",
            "results": [{"flagged": False, "categories": {"hate": False}, "category_scores": {"hate": 0.0001}}],
        },
    ),
)
