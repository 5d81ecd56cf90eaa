"""The stage that asks whether roles and policies let a call's principal use the model."""

from tulou.contracts.governance.messages import Attribute
from tulou.kernel.clock import Clock
from tulou.rules.rights.entities import moment
from tulou.services.gateway.policy.decider import PolicyDecider
from tulou.services.gateway.stack.call import Answer, Call, Stage

NOTHING: dict[str, Attribute] = {}


class PolicyStage:
    """Lets a call through whose caller may use the route's model; what it falls back to is the route's business."""

    def __init__(self, inner: Stage, judge: PolicyDecider, model: str, *, clock: Clock) -> None:
        self._inner = inner
        self._judge = judge
        self._model = model
        self._clock = clock

    async def __call__(self, call: Call) -> Answer:
        """Go on, or raise `PolicyDeniedError`."""
        context = self._told_of(call) if self._judge.looks_at else NOTHING
        self._judge.check(call.grant, self._model, context)
        return await self._inner(call)

    def _told_of(self, call: Call) -> dict[str, Attribute]:
        told = moment(self._clock.now()) | {"endpoint": call.endpoint, "stream": call.stream, "batch": call.batch}
        if call.address:
            told["address"] = call.address
        if call.allowed is not None:
            told["tokens"] = call.allowed
        return told
