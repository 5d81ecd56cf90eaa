"""Who acts is known, or nothing is done: what nobody in particular asks for is refused, logged and counted."""

from typing import Literal, get_args

import msgspec
import structlog
from prometheus_client import Counter

from tulou.kernel.context import CONTEXT, Actor, AnonymousActor, HouseActor, Person
from tulou.kernel.errors import ForbiddenError

Place = Literal["decision", "fact", "delivery", "enqueue", "job", "call"]
"""A decision about reach, a fact to be written or delivered, a job to be enqueued or run, a call of another process."""

MISSING = Counter(
    "tulou_actor_missing",
    "What was refused because nobody was known to ask for it, by where that was.",
    ["place"],
    registry=None,  # each process registers it with its own
)
for _place in get_args(Place):  # so that there is a 0 to see, and to alert on the first that is not
    MISSING.labels(_place)

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


def check_actor(place: Place, what: str) -> HouseActor | Person:
    """Return who acts; report it and raise `ForbiddenError` where nobody does. `what` names the thing that is asked."""
    actor = CONTEXT.get().actor
    if isinstance(actor, AnonymousActor):
        report_missing(place, what)
        raise ForbiddenError(
            f"nobody is known to ask for {what}; send a key or sign in, or, as a plugin, act in the name of a caller"
        )
    return actor


def actor_from(stored: str) -> Actor | None:
    """Return the actor that a store kept as JSON; None where it kept none, or one that no version up to ours knows.

    What has none is refused and reported where it would be done: one row must not hold up all that come after it.
    """
    try:
        return msgspec.json.decode(stored, type=Actor) if stored else None
    except msgspec.MsgspecError:
        return None


def report_missing(place: Place, what: str, **facts: object) -> None:
    """Log and count what is refused for want of an actor."""
    MISSING.labels(place).inc()
    log.error("actor_missing", place=place, what=what, **facts)
