"""The thread that steps the pipeline: all requests advance by a token with each step."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from tulou.kernel.errors import InvalidError, TulouError, UnavailableError, UpstreamError
from tulou.ports.engine import EngineLoad

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """New tokens of a request; the last progress has a finish or an error."""

    tokens: tuple[int, ...] = ()
    finish: str = ""
    error: TulouError | None = None


@dataclass(eq=False, slots=True)
class GenerationRequest:
    """One request: what the pipeline needs, and whom to tell, from the runner's thread."""

    tokens: Any
    config: Any
    tell: Callable[[Progress], None]
    handle: Any = None
    left: threading.Event = field(default_factory=threading.Event)


class Runner:
    """Owns the pipeline: nobody else calls it, so it need not be safe for threads."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline: Any = pipeline
        self._asked: queue.SimpleQueue[GenerationRequest | None] = queue.SimpleQueue()
        self._live: list[GenerationRequest] = []
        self._number = 0
        self._closed = False
        self.load = EngineLoad()
        self._thread = threading.Thread(target=self._run, name="openvino", daemon=True)
        self._thread.start()

    def submit(self, request: GenerationRequest) -> None:
        """Queue a request; its `left` event takes it back at the next step."""
        if self._closed:
            raise UnavailableError("the model is closed")
        self._asked.put(request)

    def close(self) -> None:
        """End the thread after the step it is in; requests that run are given up."""
        self._closed = True
        self._asked.put(None)
        self._thread.join()

    def _run(self) -> None:
        while not self._closed:
            self._admit()
            if self._live:
                self._step()
        self._give_up()
        self._pipeline = None

    def _give_up(self) -> None:
        """Tell all who still wait; the pipeline lets go of their memory with a last step."""
        error = UnavailableError("the model was closed before the answer was complete")
        for request in list(self._live):
            self._end(request, error)
        while not self._asked.empty():
            if request := self._asked.get():
                request.tell(Progress(error=error))
        if self._pipeline.has_non_finished_requests():
            self._pipeline.step()

    def _admit(self) -> None:
        """Take what was asked; wait for it when there is nothing else to do."""
        while not self._closed:
            try:
                request = self._asked.get(block=not self._live)
            except queue.Empty:
                return
            if request is None or request.left.is_set():
                continue
            self._begin(request)

    def _begin(self, request: GenerationRequest) -> None:
        self._number += 1
        try:
            request.handle = self._pipeline.add_request(self._number, request.tokens, request.config)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1][:200]
            request.tell(Progress(error=InvalidError(f"OpenVINO refuses this request: {reason}")))
        else:
            self._live.append(request)

    def _step(self) -> None:
        try:
            self._drop_left()
            if self._pipeline.has_non_finished_requests():
                self._pipeline.step()
            for request in list(self._live):
                self._read(request)
        except Exception as error:  # the pipeline's errors are bare RuntimeErrors
            log.exception("step_failed", requests=len(self._live))
            for request in list(self._live):
                self._end(request, UpstreamError(f"OpenVINO failed: {type(error).__name__}; see the replica's log"))
        self._measure()

    def _drop_left(self) -> None:
        for request in [one for one in self._live if one.left.is_set()]:
            request.handle.cancel()
            self._live.remove(request)

    def _read(self, request: GenerationRequest) -> None:
        if request.handle.can_read():
            output = next(iter(request.handle.read().values()))
            finish = output.finish_reason.name.lower()
            done = "" if finish == "none" else finish
            request.tell(Progress(tuple(output.generated_ids), done))
            if done:
                self._live.remove(request)
        elif request.handle.get_status().name == "IGNORED":
            self._end(request, UnavailableError("no memory is left for this request's context; send less, or later"))

    def _end(self, request: GenerationRequest, error: TulouError) -> None:
        request.handle.cancel()
        request.tell(Progress(error=error))
        self._live = [one for one in self._live if one is not request]

    def _measure(self) -> None:
        usage = float(self._pipeline.get_metrics().cache_usage) / 100
        self.load = EngineLoad(running=len(self._live), waiting=self._asked.qsize(), cache_usage=round(usage, 4))
