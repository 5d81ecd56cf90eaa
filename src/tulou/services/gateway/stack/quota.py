"""The stage that sets aside what a call may take of its limits before the call goes on."""

from tulou.services.gateway.quota.headers import rate_headers
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.stack.call import Answer, Call, Stage


class QuotaStage:
    """Puts the reservation into the call, and OpenAI's headers; whoever runs the call ends the reservation.

    `most` is the highest cap on output that any replica of the model is told where the client says none; 0: none is.
    """

    def __init__(self, inner: Stage, model: str, keeper: QuotaKeeper, *, most: int = 0) -> None:
        self._inner = inner
        self._model = model
        self._keeper = keeper
        self._tokens = max(most, keeper.output_tokens) if most else 0

    async def __call__(self, call: Call) -> Answer:
        """Go on, or raise `QuotaError` or `LimitsAwayError`."""
        keeper = self._keeper
        now = keeper.now()
        bounds = keeper.bounds(call.grant, self._model, now)
        if bounds.accounts:
            try:
                taken = keeper.take(bounds, call, now, self._tokens)
                if taken is None:
                    taken = await keeper.wait(bounds, call, self._tokens)
                call.reservation, call.cap = taken, taken.cap
            finally:
                call.headers += rate_headers(bounds, now)
        return await self._inner(call)
