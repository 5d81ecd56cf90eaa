"""The stage that sets aside what a call may take of its limits before the call goes on."""

from tulou.services.gateway.quota.headers import rate_headers
from tulou.services.gateway.quota.keeper import Keeper
from tulou.services.gateway.stack.call import Answer, Call, Completions


class Quota:
    """Puts the reservation into the call, and OpenAI's headers; whoever runs the call ends the reservation."""

    def __init__(self, inner: Completions, model: str, keeper: Keeper) -> None:
        self._inner = inner
        self._model = model
        self._keeper = keeper

    async def __call__(self, call: Call) -> Answer:
        """Go on, or raise `QuotaError` or `LimitsAwayError`."""
        keeper = self._keeper
        now = keeper.now()
        bounds = keeper.bounds(call.grant, self._model, now)
        if bounds.accounts:
            try:
                call.reservation = keeper.take(bounds, call, now) or await keeper.wait(bounds, call)
            finally:
                call.headers += rate_headers(bounds, now)
        return await self._inner(call)
