"""Reads answers, whole and in pieces: both are the same to it, since a whole one is a single large piece."""

from collections.abc import Iterable, Sequence

import msgspec

from tulou.services.gateway.dialects.counts import CountReader, meant
from tulou.services.gateway.dialects.custom_input import wrapped
from tulou.services.gateway.dialects.errors import VendorFault, fault_status
from tulou.services.gateway.dialects.events import (
    Event,
    Failed,
    Finished,
    Miscounted,
    Started,
    TextPiece,
    ThoughtPiece,
    Used,
    broken_off,
)
from tulou.services.gateway.dialects.openai_chat.annotations import flat
from tulou.services.gateway.dialects.openai_chat.calls import Calls
from tulou.services.gateway.dialects.openai_chat.shapes import Answer, Call, Choice, Delta, Function, Usage
from tulou.services.gateway.dialects.openai_chat.words import BROKEN, MAKER, REASONS
from tulou.services.gateway.dialects.places import Places
from tulou.services.gateway.dialects.reading import present
from tulou.services.gateway.dialects.seals import given, seal
from tulou.services.gateway.dialects.stream_reader import StreamReader

DONE = b"[DONE]"
_DECODER = msgspec.json.Decoder(Answer)
_USAGE = CountReader(Usage)
_FAULT = msgspec.json.Decoder(VendorFault)


def read_answer(body: bytes) -> Sequence[Event]:
    """Return a whole answer; raise `ValueError` if it is none."""
    reader = Reader()
    events = [*reader.take(body), *reader.end()]
    if not any(isinstance(event, Started) for event in events) and not any(isinstance(e, Failed) for e in events):
        raise ValueError("the answer holds no choices")
    return events


class Reader(StreamReader):
    """Reads one stream."""

    def __init__(self) -> None:
        super().__init__()
        self._choices: dict[int, _Choice] = {}
        self._started = False

    def read(self, payload: bytes) -> Iterable[Event]:
        """Return the events of one piece; nothing more is read behind the mark at the end."""
        if payload == DONE:
            self._over = True
            return ()
        return self.take(payload)

    def take(self, payload: bytes) -> list[Event]:
        """Return the events of one JSON text."""
        answer = _DECODER.decode(payload)
        error = answer.error
        if error is None and answer.object == "error":
            error = _FAULT.decode(payload)
        if error is not None:
            self._over = True
            return [_failed(error)]
        out: list[Event] = []
        counts = counted(answer.counts)
        if not self._started and (answer.choices or counts):
            self._started = True
            out.append(Started(id=answer.id or "", model=answer.model or "", created=int(answer.created or 0)))
        for choice in answer.choices or ():
            reader = self._choices.get(choice.index)
            if reader is None:
                reader = self._choices[choice.index] = _Choice(choice.index, answer.id or "")
            reader.take(choice, out)
            if choice.finish_reason in BROKEN:
                self._over = True
                return [*out, broken_off(choice.finish_reason)]
        if counts is not None:
            out.append(counts)
        return out

    def _is_whole(self) -> bool:
        return bool(self._choices) and all(choice.finished for choice in self._choices.values())


class _Choice:
    """Reads the pieces of one choice."""

    def __init__(self, index: int, answer: str) -> None:
        self.finished = False
        self._index = index
        self._places = Places(index)
        self._calls = Calls(self._places, index, answer)
        self._thought: list[str] = []
        self._thought_place = -1

    def take(self, choice: Choice, out: list[Event]) -> None:
        delta = choice.delta or choice.message
        if delta is not None:
            self._think(delta, out)
            self._say(delta, present(choice.logprobs), out)
            if delta.tool_calls:
                self._calls.take([_as_function(call) for call in delta.tool_calls], out)
        if choice.finish_reason and choice.finish_reason not in BROKEN and not self.finished:
            self.finished = True
            self._calls.finish(out)
            self._places.end(out)
            reason = REASONS.get(choice.finish_reason, "other")
            # Some servers say `stop` although calls are what they stopped for.
            reason = "tool_calls" if reason == "stop" and self._calls.any else reason
            met = choice.stop_reason if isinstance(choice.stop_reason, str) and reason == "stop" else ""
            out.append(Finished(reason="stop_sequence" if met else reason, choice=self._index, stop_sequence=met))

    def _think(self, delta: Delta, out: list[Event]) -> None:
        plain = delta.reasoning_content or (delta.reasoning if isinstance(delta.reasoning, str) else "")
        if isinstance(delta.content, list):
            plain = plain or "".join(piece.text for part in delta.content for piece in part.thinking)
        if plain:
            place = self._places.at("thought", out)
            if place != self._thought_place:
                self._thought, self._thought_place = [], place
            self._thought.append(plain)
            out.append(ThoughtPiece(text=plain, place=place, choice=self._index))
        for detail in delta.reasoning_details or ():
            text = "" if plain else detail.text or detail.summary or ""
            if detail.signature and text == "".join(self._thought):
                text = ""  # the words of the stream, told once more with what proves them
            maker = next((maker for word, maker in _FORMATS if word in (detail.format or "")), "")
            signature = _sealed(detail.signature, maker)
            redacted = _sealed(detail.data, maker)
            if text or signature or redacted:
                out.append(
                    ThoughtPiece(
                        text=text,
                        signature=signature,
                        redacted=redacted,
                        summary=bool(detail.summary),
                        place=self._places.fresh("redacted", out) if redacted else self._places.at("thought", out),
                        choice=self._index,
                    )
                )

    def _say(self, delta: Delta, logprobs: msgspec.Raw | None, out: list[Event]) -> None:
        content, annotations = delta.content, flat(delta.annotations or ())
        if isinstance(content, list):
            content = "".join(part.text for part in content)
        if content or annotations or (logprobs is not None and content is not None):
            out.append(
                TextPiece(
                    text=content or "",
                    place=self._places.at("text", out),
                    choice=self._index,
                    logprobs=logprobs,
                    annotations=annotations,
                )
            )
        if delta.refusal:
            place = self._places.at("refusal", out)
            out.append(TextPiece(text=delta.refusal, refusal=True, place=place, choice=self._index))


def _as_function(call: Call) -> Call:
    """Return a call of a custom tool as one of a function with its text."""
    custom = call.custom
    if custom is None:
        return call
    return Call(index=call.index, id=call.id, function=Function(name=custom.name, arguments=wrapped(custom.input)))


_FORMATS = (("anthropic", "anthropic"), ("gemini", "gemini"), ("openai", "openai"))


def _sealed(signature: str | None, maker: str) -> str:
    if not signature:
        return ""
    return seal(maker, signature) if maker else given(signature, MAKER)


def counted(raw: msgspec.Raw) -> Used | Miscounted | None:
    """Return what an answer took, None where nothing is said of it."""
    return meant(_USAGE.read(raw), used)


def used(usage: Usage) -> Used:
    """Return the counts.

    xAI counts reasoning beside the completion: its total says so, and reasoning that is more than all of the output.
    """
    read, written = usage.prompt_tokens_details, usage.completion_tokens_details
    prompt, completion = usage.read, usage.written
    reasoning = (written.reasoning_tokens if written else None) or 0
    if reasoning > completion or (reasoning and usage.total_tokens == prompt + completion + reasoning):
        completion += reasoning
    return Used(
        input=prompt,
        output=completion,
        cached=(read.cached_tokens if read else None) or usage.cached,
        cache_written=(read.cache_write_tokens if read else None) or 0,
        audio_input=(read.audio_tokens if read else None) or 0,
        reasoning=reasoning,
        audio_output=(written.audio_tokens if written else None) or 0,
    )


def _failed(error: VendorFault | str) -> Failed:
    if isinstance(error, str):
        return Failed(message=error)
    return Failed(
        message=error.message if isinstance(error.message, str) else "the upstream failed",
        code=error.code if isinstance(error.code, str) else "",
        kind=error.type if isinstance(error.type, str) else "",
        status=fault_status(error),
    )
