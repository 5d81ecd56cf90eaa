"""Writes completed texts, whole and in pieces. Reasoning has no place in them and is left out."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from tulou.kernel.errors import UpstreamError
from tulou.services.gateway.dialects.completions.probabilities import old_logprobs
from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.errors import words_of
from tulou.services.gateway.dialects.events import Event, Failed, Finish, Finished, Miscounted, TextPiece, Used
from tulou.services.gateway.dialects.folding import Choice, fold
from tulou.services.gateway.dialects.sse import frame, named_frame

Json = dict[str, object]

FINISHES: Mapping[Finish, str] = MappingProxyType({"length": "length", "content_filter": "content_filter"})


_encode = msgspec.json.Encoder().encode


def write_answer(events: Iterable[Event], echo: Echo) -> bytes:
    """Return a whole answer; raise `UpstreamError` when it failed."""
    folded = fold(events)
    if folded.failed is not None:
        raise UpstreamError(folded.failed.message)
    choices = [_choice(index, folded.choices[index]) for index in sorted(folded.choices)]
    return _encode(_head(echo) | {"choices": choices, "usage": _usage(folded.used or Used())})


def _head(echo: Echo) -> Json:
    return {"id": echo.id, "object": "text_completion", "created": echo.created, "model": echo.model}


def _choice(index: int, choice: Choice) -> Json:
    text = (choice.texts("text") or "") + (choice.texts("refusal") or "")
    probabilities = old_logprobs([raw for part in choice.parts for raw in part.logprobs])
    reason = FINISHES.get(choice.reason, "stop")
    return {"index": index, "text": text, "logprobs": probabilities, "finish_reason": reason}


def _usage(used: Used) -> Json:
    return {
        "prompt_tokens": used.input,
        "completion_tokens": used.output,
        "total_tokens": used.input + used.output,
        "prompt_tokens_details": {"cached_tokens": used.cached},
        "completion_tokens_details": {"reasoning_tokens": used.reasoning},
    }


class Writer:
    """Writes the chunks of one answer."""

    def __init__(self, echo: Echo) -> None:
        self._head = _encode(_head(echo))[:-1]
        self._wants_usage = echo.prompt.usage_in_stream
        self._used = Used()
        self._written: dict[int, int] = {}
        self._failed = False

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the bytes for these events, whole frames only."""
        return b"".join([self._write(event) for event in events])

    def end(self) -> bytes:
        """Return the frames that end the stream; none after a failure, which was the end."""
        if self._failed:
            return b""
        counts = frame(b'%b,"choices":[],"usage":%b}' % (self._head, _encode(_usage(self._used))))
        return (counts if self._wants_usage else b"") + frame(b"[DONE]")

    def _write(self, event: Event) -> bytes:
        match event:
            case TextPiece():
                return self._text(event)
            case Finished():
                return self._chunk(
                    {"index": event.choice, "text": "", "finish_reason": FINISHES.get(event.reason, "stop")}
                )
            case Used():
                self._used = event
                return b""
            case Miscounted():
                self._used = Used()
                return b""
            case Failed():
                self._failed = True
                error = {"message": event.message, "type": words_of(event.status).openai, "param": None}
                return named_frame("error", _encode({"error": error | {"code": event.code or None}}))
            case _:
                return b""

    def _text(self, event: TextPiece) -> bytes:
        at = self._written.get(event.choice, 0)
        self._written[event.choice] = at + len(event.text)
        probabilities = None if event.logprobs is None else old_logprobs([event.logprobs], at)
        return self._chunk(
            {"index": event.choice, "text": event.text, "logprobs": probabilities, "finish_reason": None}
        )

    def _chunk(self, choice: Json) -> bytes:
        return frame(b'%b,"choices":[%b]}' % (self._head, _encode({"logprobs": None} | choice)))
