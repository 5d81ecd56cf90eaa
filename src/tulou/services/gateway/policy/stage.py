"""The stage that asks the judge."""

from tulou.kernel.clock import Clock
from tulou.services.gateway.policy.judge import Judge
from tulou.services.gateway.stack.call import Answer, Call, Completions


class Policy:
    """Lets a call through whose caller may use the route's model."""

    def __init__(self, inner: Completions, judge: Judge, model: str, *, clock: Clock) -> None:
        self._inner = inner
        self._judge = judge
        self._model = model
        self._clock = clock

    async def __call__(self, call: Call) -> Answer:
        """Go on, or raise `PolicyDeniedError`."""
        self._judge.check(call.grant, self._model, {})
        return await self._inner(call)
