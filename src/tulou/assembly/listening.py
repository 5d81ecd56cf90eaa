"""Hand facts from the bus to the handlers of the services that run here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from tulou.kernel.errors import TulouError
from tulou.ports.events import Delivery, Events, Fact

log = structlog.get_logger()

Handler = Callable[[Fact], Awaitable[None]]
AGAIN_S = 1.0
HANDLE_WITHIN_S = 30.0


async def listen(
    events: Events, group: str, handlers: Mapping[str, Handler], begun: Callable[[], object] | None = None
) -> None:
    """Deliver facts to one service until cancelled; what a handler fails on is left to come again.

    `begun` is called whenever facts are heard from then on: at the start, and after each interruption.
    """
    while True:
        try:
            async with events.subscribe(tuple(handlers), group=group) as deliveries:
                if begun is not None:
                    begun()
                async for delivery in deliveries:
                    await _deliver(delivery, group, handlers)
        except TulouError as error:
            log.warning("listening_interrupted", service=group, error=str(error))
        await asyncio.sleep(AGAIN_S)


async def _deliver(delivery: Delivery, group: str, handlers: Mapping[str, Handler]) -> None:
    fact = delivery.fact
    try:
        async with asyncio.timeout(HANDLE_WITHIN_S):
            await handlers[fact.topic](fact)
    except Exception:
        log.exception("fact_not_handled", service=group, topic=fact.topic, fact=fact.id)
        return
    await delivery.ack()
