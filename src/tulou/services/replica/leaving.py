"""Why and when a worker has to go: it was told to, or the house is gone."""

import asyncio
import signal

import structlog

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class DrainRequest:
    """Set once; `hurry` is set when the request is repeated."""

    def __init__(self) -> None:
        self.why = ""
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()

    def leave(self, why: str) -> None:
        """Ask the worker to end; asking twice cuts off what still runs."""
        if self.asked.is_set():
            self.hurry.set()
            return
        self.why = why
        self.asked.set()
        log.info("leaving_asked", why=why)

    def listen(self, lifeline: int | None) -> None:
        """Leave on SIGTERM, SIGINT, and when the other end of the lifeline is gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.leave, f"received {number.name}")
        if lifeline is not None:
            loop.add_reader(lifeline, self._let_go, lifeline)

    def deaf(self, lifeline: int | None) -> None:
        """Give signals and lifeline back."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        if lifeline is not None:
            loop.remove_reader(lifeline)

    def _let_go(self, lifeline: int) -> None:
        asyncio.get_running_loop().remove_reader(lifeline)  # the end of a line can be read for ever
        self.leave("the house is gone")
