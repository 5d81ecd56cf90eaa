"""Whether the store of responses can be reached: while it does not answer, nobody waits for it but one who tries."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.kernel.clock import Clock
from tulou.kernel.errors import UnavailableError
from tulou.services.gateway.refusals import ResponsesAwayError

PAUSE_S = 1.0
"""How long nobody asks once the store has not answered, and how long its silence makes others ask no more."""


class StoreBreaker:
    """Shared by all that ask the store; a breaker of its own kind, since one silent answer is enough."""

    def __init__(self, *, within_s: float, clock: Clock) -> None:
        self._within_s = within_s
        self._clock = clock
        self._asking = 0
        self._silent_since = 0.0
        self._away_until = 0.0
        self._away = False

    @asynccontextmanager
    async def asking(self) -> AsyncGenerator[None]:
        """Run the block, which asks; raise `ResponsesAwayError` if that takes too long, or at once if it would."""
        now = self._clock.monotonic()
        if self._hopeless(now):
            raise self._error("does not answer now")
        if not self._asking:
            self._silent_since = now
        self._asking += 1
        try:
            async with asyncio.timeout(self._within_s):
                yield
        except TimeoutError as error:
            self._lose()
            raise self._error(f"did not answer within {self._within_s:g} s") from error
        except UnavailableError:
            self._lose()
            raise
        except asyncio.CancelledError:
            raise  # the client left: that tells nothing
        except BaseException:
            self._find()  # a refusal is an answer
            raise
        else:
            self._find()
        finally:
            self._asking -= 1

    def _hopeless(self, now: float) -> bool:
        """Whether others wait in vain already; once it was away, for as long as one of them tries."""
        if self._away:
            return now < self._away_until or self._asking > 0
        return self._asking > 0 and now - self._silent_since > PAUSE_S

    def _lose(self) -> None:
        self._away = True
        self._away_until = self._clock.monotonic() + PAUSE_S

    def _find(self) -> None:
        self._away = False
        self._silent_since = self._clock.monotonic()

    def _error(self, why: str) -> ResponsesAwayError:
        return ResponsesAwayError(
            f"the store of responses {why}; `store: false` without previous_response_id does without it",
            retry_after_s=PAUSE_S,
        )
