"""GET /v1/models and /v1/models/{id}: the models that a key may use."""

from starlette.types import Scope, Send

from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.http.arrival import caller_of
from tulou.services.gateway.http.reply import reply_json
from tulou.services.gateway.refusals import ModelNotFoundError
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.snapshot.plan import Model, Plan
from tulou.services.gateway.stack.admission import permits


class Models:
    """Answers from the plan in force."""

    def __init__(self, service: GatewayService) -> None:
        self._service = service
        self._token = service.house.token.encode()

    async def list(self, scope: Scope, send: Send) -> None:
        """Send all models that the key may use."""
        plan, grant = self._admit(scope)
        data = [_shown(model) for model in plan.models.values() if permits(grant, model.name)]
        await reply_json(send, {"object": "list", "data": data})

    async def get(self, name: str, scope: Scope, send: Send) -> None:
        """Send one model; raise `ModelNotFoundError` for one that is unknown or not for this key."""
        plan, grant = self._admit(scope)
        model = plan.models.get(name)
        if model is None or not permits(grant, name):
            raise ModelNotFoundError(
                f"the model {name!r} does not exist or you have no access to it; GET /v1/models lists yours",
                param="model",
            )
        await reply_json(send, _shown(model))

    def _admit(self, scope: Scope) -> tuple[Plan, Grant]:
        plan = self._service.plan()
        return plan, caller_of(plan, dict(scope["headers"]), clock=self._service.clock, token=self._token).grant


def _shown(model: Model) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": model.name,
        "object": "model",
        "created": int(model.created_at),
        "owned_by": model.owner,
        "endpoints": model.endpoints,
    }
    return shown | ({"context_length": model.context_length} if model.context_length else {})
