"""Hand facts from the bus to the handlers of the services that run here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from tulou.chassis.actors import report_missing
from tulou.kernel.context import AnonymousActor, Context, acting, as_house
from tulou.kernel.errors import ConflictError, LimitedError, TulouError, UnavailableError
from tulou.ports.events import Delivery, Events, Fact

log = structlog.get_logger()

Handler = Callable[[Fact], Awaitable[None]]
AGAIN_S = 1.0
HANDLE_WITHIN_S = 30.0
TRIES = 10
"""How often a fact comes again at which its handler fails; then it is set aside, so that it holds up no others."""
REMEMBERED = 10_000
"""Facts whose tries are counted at once."""
PASSING = (UnavailableError, LimitedError, ConflictError)
"""What says nothing about the fact: it is delivered again for as long as it takes."""


async def listen(
    events: Events, group: str, handlers: Mapping[str, Handler], begun: Callable[[], object] | None = None
) -> None:
    """Deliver facts to one service until cancelled; what a handler fails on is left to come again, ten times.

    `begun` is called whenever facts may be missing: at the start, after each interruption, and after one that nobody
    caused, which is refused and reported.
    """
    tries = DeliveryAttempts()
    while True:
        try:
            async with events.subscribe(tuple(handlers), group=group) as deliveries:
                if begun is not None:
                    begun()
                async for delivery in deliveries:
                    if not await _deliver(delivery, group, handlers, tries) and begun is not None:
                        begun()  # as if it had never come
        except TulouError as error:
            log.warning("listening_interrupted", service=group, error=str(error))
        except Exception:  # a bus that says what nobody expects must not end the process, again and again
            log.exception("listening_interrupted", service=group)
        await asyncio.sleep(AGAIN_S)


class DeliveryAttempts:
    """Counts how often each fact has failed; of the very many it forgets the oldest."""

    def __init__(self) -> None:
        self._failed: dict[str, int] = {}

    def failed(self, fact: str) -> int:
        """Count another failure; return how many it were."""
        count = self._failed[fact] = self._failed.pop(fact, 0) + 1
        if len(self._failed) > REMEMBERED:
            del self._failed[next(iter(self._failed))]
        return count

    def ended(self, fact: str) -> None:
        """Forget a fact that will not come again."""
        self._failed.pop(fact, None)


async def _deliver(delivery: Delivery, group: str, handlers: Mapping[str, Handler], tries: DeliveryAttempts) -> bool:
    """Have a fact handled, by the house in the name of who caused it; return False for one that nobody caused."""
    fact = delivery.fact
    if fact.actor is None or isinstance(fact.actor, AnonymousActor):
        report_missing("delivery", fact.topic, service=group, fact=fact.id, tenant=fact.tenant, at=fact.at)
        await delivery.ack()
        return False
    cause = Context(actor=fact.actor, request_id=fact.id)
    try:
        with acting(cause), as_house(f"{group} hears {fact.topic}"):
            async with asyncio.timeout(HANDLE_WITHIN_S):
                await handlers[fact.topic](fact)
    except PASSING as error:
        log.warning("fact_not_handled", service=group, topic=fact.topic, fact=fact.id, error=str(error))
        return True
    except Exception:
        last = tries.failed(fact.id) >= TRIES
        event = "fact_set_aside" if last else "fact_not_handled"
        log.exception(event, service=group, topic=fact.topic, fact=fact.id, tenant=fact.tenant)
        if not last:
            return True
    tries.ended(fact.id)
    await delivery.ack()
    return True
