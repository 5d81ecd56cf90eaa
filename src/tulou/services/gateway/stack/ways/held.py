"""Holds a typed stream back until it has begun well, so that whatever fails before it fails unseen."""

from collections.abc import Sequence

from tulou.services.gateway.dialects.events import Event, Failed, Miscounted, Started, Used
from tulou.services.gateway.stack.failure import AttemptFailedError

EVENTS = 1024


class EventGate:
    """Good is the first event that tells more than that an answer begins, and what it took to read the prompt."""

    __slots__ = ("events", "failed")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failed: Failed | None = None

    def good(self, events: Sequence[Event]) -> bool:
        """Take events in; say whether there is something good among them, and no failure."""
        for event in events:
            if isinstance(event, Failed):
                self.failed = self.failed or event
            self.events.append(event)
        if self.failed is not None:
            return False
        return len(self.events) >= EVENTS or any(
            not isinstance(event, Started | Used | Miscounted) for event in self.events
        )

    def end(self) -> None:
        """Raise, because the stream ended before anything good came."""
        raise AttemptFailedError("bad_stream", f"the stream ended after {len(self.events)} events and no good one")
