"""The stage that sets aside what a call may take of its limits before the call goes on."""

from tulou.services.gateway.quota.headers import rate_headers
from tulou.services.gateway.quota.keeper import Keeper
from tulou.services.gateway.quota.refusals import QuotaError
from tulou.services.gateway.stack.call import Answer, Call, Completions


class Quota:
    """Puts the reservation into the call, and OpenAI's headers; whoever runs the call ends the reservation."""

    def __init__(self, inner: Completions, model: str, keeper: Keeper) -> None:
        self._inner = inner
        self._model = model
        self._keeper = keeper

    async def __call__(self, call: Call) -> Answer:
        """Go on, or raise `QuotaError` or `LimitsAwayError`."""
        bounds = self._keeper.bounds(call, self._model)
        if bounds.accounts:
            try:
                call.reservation = await self._keeper.reserve(call, self._model, bounds)
            except QuotaError:
                call.headers += rate_headers(bounds.accounts, self._keeper.now())
                raise
            call.headers += rate_headers(bounds.accounts, self._keeper.now())
        return await self._inner(call)
