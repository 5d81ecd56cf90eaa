"""GET /v1/models and /v1/models/{id}: the models that a key may use, as its client reads them."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.types import Scope, Send

from tulou.contracts.governance.messages import Attribute
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.http.arrival import address_of, caller_of, speaks_anthropic
from tulou.services.gateway.http.listing import anthropic_model, anthropic_page, openai_list, openai_model
from tulou.services.gateway.http.reply import reply_json
from tulou.services.gateway.policy.foresight import foreseen, usable
from tulou.services.gateway.refusals import ModelNotFoundError
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.snapshot.models import ListedModel
from tulou.services.gateway.snapshot.plan import RequestPlan
from tulou.services.gateway.stack.admission import permits


class Models:
    """Answers from the plan in force."""

    def __init__(self, service: GatewayService) -> None:
        self._service = service
        self._token = service.house.token.encode()

    async def list(self, scope: Scope, send: Send) -> None:
        """Send the models that the key may use: all of them, or a page to Anthropic's clients."""
        reader, models = self._admit(scope), list[ListedModel]()
        for model in reader.plan.models.values():
            if reader.may_use(model):
                models.append(model)
            await asyncio.sleep(0)  # a ruling that is new may take a millisecond, and others wait
        if speaks_anthropic(scope):
            await reply_json(send, anthropic_page(models, parse_qs(scope["query_string"].decode("latin-1"))))
        else:
            await reply_json(send, openai_list(models))

    async def get(self, name: str, scope: Scope, send: Send) -> None:
        """Send one model; raise `ModelNotFoundError` for one that is unknown or not for this key."""
        reader = self._admit(scope)
        model = reader.plan.models.find(name)
        if model is None or not reader.may_use(model):
            raise ModelNotFoundError(
                f"the model {name!r} does not exist or you have no access to it; GET /v1/models lists yours",
                param="model",
            )
        await reply_json(send, anthropic_model(model) if speaks_anthropic(scope) else openai_model(model))

    def _admit(self, scope: Scope) -> "_Reader":
        plan, clock = self._service.plan(), self._service.clock
        caller = caller_of(plan, dict(scope["headers"]), clock=clock, token=self._token)
        address = "" if caller.house else address_of(scope)
        return _Reader(plan, caller.grant, foreseen(now=clock.now(), address=address))


class _Reader(NamedTuple):
    """Whose list it is, and what is known of the requests that may follow it."""

    plan: RequestPlan
    grant: Grant
    known: Mapping[str, Attribute]

    def may_use(self, model: ListedModel) -> bool:
        """Say whether the key, the roles and the policies let this reader use a model."""
        if not permits(self.grant, model.name):
            return False
        judge = self.plan.judge
        return judge is None or usable(judge, self.grant, model.name, endpoints=model.endpoints, known=self.known)
