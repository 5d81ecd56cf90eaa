"""The stage that turns to other models when none of a model's replicas could answer."""

import time
from collections.abc import Callable, Sequence

import structlog

from tulou.kernel.errors import DeadlineError, LimitedError, TulouError, UnavailableError, UpstreamError
from tulou.services.gateway.refusals import CrashError, SpentError, TenantShareError
from tulou.services.gateway.stack.call import Answer, Call, Stage
from tulou.services.gateway.stack.resources import StageCounters

log = structlog.get_logger()

RETRIABLE = (UpstreamError, UnavailableError, DeadlineError, LimitedError)
FINAL = (CrashError, SpentError, TenantShareError)
"""What has taken two replicas down is shown to no third, what is charged for is not paid twice, and who asks for more
than this process has room for asks no vendor instead."""


class Fallback:
    """Tries the route's fallback models in order; whoever may use the route may use what it falls back to."""

    def __init__(
        self,
        inner: Stage,
        others: Sequence[tuple[str, Stage]],
        *,
        notes: StageCounters,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._monotonic = monotonic
        self._notes = notes
        self._others = tuple(others)

    async def __call__(self, call: Call) -> Answer:
        """Answer with the first model that can; raise the last error when none can."""
        try:
            return await self._inner(call)
        except FINAL:
            raise
        except RETRIABLE as error:
            last: TulouError = error
        for model, stack in self._others:
            if call.due and self._monotonic() >= call.due:
                break  # another model would be asked, and paid, for an answer that nobody waits for
            log.info("fell_back", model=call.model, to=model, request_id=call.request_id, why=last.code)
            call.served_by = model
            self._notes.failed_over(call)
            try:
                return await stack(call)
            except FINAL:
                raise
            except RETRIABLE as error:
                last = error
        raise last
