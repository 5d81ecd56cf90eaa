"""Reads answers, whole and in pieces."""

from collections.abc import Iterable, Sequence

import msgspec

from tulou.services.gateway.dialects.counts import CountReader, meant, rest_of
from tulou.services.gateway.dialects.errors import VendorFault, fault_status, status_of
from tulou.services.gateway.dialects.events import Event, Failed, Finish, Finished, Started, Used
from tulou.services.gateway.dialects.openai_responses.output_reader import Output
from tulou.services.gateway.dialects.openai_responses.shapes import Answer, StreamEvent, Usage
from tulou.services.gateway.dialects.stream_reader import StreamReader


class _Kind(msgspec.Struct):
    type: object = None


_KIND = msgspec.json.Decoder(_Kind)
_ANSWER = msgspec.json.Decoder(Answer)
_USAGE = CountReader(Usage)
_EVENT = msgspec.json.Decoder(StreamEvent)
SEARCH = b'"web_search_call"'
DONE = b"[DONE]"
ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})


def read_answer(body: bytes) -> Sequence[Event]:
    """Return a whole answer; raise `ValueError` if it is none."""
    answer = _ANSWER.decode(body)
    if answer.object != "response":
        if answer.error is not None:
            return [_failed(answer.error)]
        raise ValueError(f"the answer is of the kind {answer.object!r}, not a response")
    events: list[Event] = [_started(answer)]
    output = Output()
    for index, item in enumerate(answer.output):
        output.whole(index, item, events)
    return [*events, *_ended(answer, calls=output.calls)]


class Reader(StreamReader):
    """Reads one stream."""

    def __init__(self) -> None:
        super().__init__()
        self._output = Output()
        self._started = False

    def read(self, payload: bytes) -> Iterable[Event]:
        """Return the events of one JSON text."""
        out: list[Event] = []
        if payload != DONE:
            self._read(_EVENT.decode(payload), out)
        return out

    def _read(self, event: StreamEvent, out: list[Event]) -> None:
        answer = event.response
        if answer is None and event.type != "error":
            self._output.read(event, out)
            return
        if answer is None:
            self._over = True
            fault = event.error or VendorFault(message=event.message, code=event.code)
            out.append(_failed(fault))
            return
        if not self._started:
            self._started = True
            out.append(_started(answer))
        if event.type in ENDS:
            self._over = True
            self._output.end(out)
            out.extend(_ended(answer, calls=self._output.calls))


def _started(answer: Answer) -> Started:
    return Started(id=answer.id, model=answer.model, created=int(answer.created_at))


def _ended(answer: Answer, *, calls: bool) -> Iterable[Event]:
    if answer.status == "failed":
        yield _failed(answer.error or VendorFault())
        return
    yield Finished(reason=_reason(answer, calls=calls))
    counts = meant(_USAGE.read(answer.usage), used)
    if isinstance(counts, Used) and (searches := _searches(answer.output)):
        counts = msgspec.structs.replace(counts, searches=searches)
    if counts is not None:
        yield counts


def _searches(output: Iterable[msgspec.Raw]) -> int:
    """Return how often the vendor searched the web, which it charges for apart from tokens."""
    return sum(SEARCH in bytes(raw) and _KIND.decode(raw).type == "web_search_call" for raw in output)


def _reason(answer: Answer, *, calls: bool) -> Finish:
    if answer.status != "incomplete":
        return "tool_calls" if calls else "stop"
    why = answer.incomplete_details.reason if answer.incomplete_details else None
    match why:
        case "max_output_tokens" | "max_tokens":
            return "length"
        case "content_filter":
            return "content_filter"
        case _:
            return "other"


def used(usage: Usage) -> Used:
    """Return the counts."""
    read, written = usage.input_tokens_details, usage.output_tokens_details
    return Used(
        input=usage.input_tokens or 0,
        output=usage.output_tokens or rest_of(usage.total_tokens, usage.input_tokens or 0),
        cached=(read.cached_tokens if read else None) or 0,
        cache_written=(read.cache_write_tokens if read else None) or 0,
        reasoning=(written.reasoning_tokens if written else None) or 0,
    )


def _failed(fault: VendorFault) -> Failed:
    code = fault.code if isinstance(fault.code, str) else ""
    message = fault.message if isinstance(fault.message, str) else "the upstream failed"
    status = fault_status(fault, otherwise=0) or status_of(code)
    return Failed(message=message, code=code, kind=fault.type if isinstance(fault.type, str) else "", status=status)
