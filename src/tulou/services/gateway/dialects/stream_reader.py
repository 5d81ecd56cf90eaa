"""What reading a stream of server-sent events is in every dialect: one after the other, until the answer is over."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import msgspec

from tulou.services.gateway.dialects.events import Event, Failed
from tulou.services.gateway.dialects.sse import Sse

ENDED_EARLY = Failed(message="the upstream's stream ended before its answer did", code="stream_ended")


class StreamReader(ABC):
    """An `EventReader`; a dialect says what one event holds, and sets `_over` where nothing more is to be read."""

    def __init__(self) -> None:
        self._sse = Sse()
        self._over = False

    def feed(self, data: bytes) -> Sequence[Event]:
        """Return the events that are complete now; raise `ValueError` for what the dialect does not allow."""
        return self._read_all(self._sse.feed(data))

    def end(self) -> Sequence[Event]:
        """Return what is left when the stream ends; a `Failed` if it ended too early."""
        try:
            events = self._read_all(self._sse.end())
        except msgspec.DecodeError:
            events = []  # the last event was cut off
        if not self._over and not self._is_whole():
            events.append(ENDED_EARLY)
        self._over = True
        return events

    @abstractmethod
    def read(self, payload: bytes) -> Iterable[Event]:
        """Return the events of one JSON text."""
        ...

    def _is_whole(self) -> bool:
        """Say whether an answer that nothing ended may be whole all the same."""
        return False

    def _read_all(self, payloads: Iterable[bytes]) -> list[Event]:
        events: list[Event] = []
        for payload in payloads:
            if not self._over:
                events.extend(self.read(payload))
        return events
