"""Reads answers, whole and in pieces: a piece has the shape of a whole."""

from collections.abc import Iterable, Sequence

import msgspec

from tulou.services.gateway.dialects.counts import CountReader, meant, rest_of
from tulou.services.gateway.dialects.errors import VendorFault, fault_status
from tulou.services.gateway.dialects.events import (
    CallPiece,
    CallStarted,
    Event,
    Failed,
    Finished,
    Started,
    TextPiece,
    ThoughtPiece,
    Used,
    broken_off,
    untold,
)
from tulou.services.gateway.dialects.gemini.recited import Recited
from tulou.services.gateway.dialects.gemini.shapes import (
    Answer,
    Candidate,
    FunctionCall,
    Logprobs,
    Modality,
    Part,
    Usage,
)
from tulou.services.gateway.dialects.gemini.words import BROKEN, MAKER, REASONS
from tulou.services.gateway.dialects.places import NO_ARGUMENTS, Places
from tulou.services.gateway.dialects.reading import present
from tulou.services.gateway.dialects.seals import seal
from tulou.services.gateway.dialects.stream_reader import StreamReader

_ANSWER = msgspec.json.Decoder(Answer)
_USAGE = CountReader(Usage)


def read_answer(body: bytes) -> Sequence[Event]:
    """Return a whole answer; raise `ValueError` if it is none."""
    reader = Reader()
    events = reader.read(body)
    if not events:
        raise ValueError("the answer holds neither candidates nor the reason why there are none")
    return [*events, *reader.end()]


class Reader(StreamReader):
    """Reads one stream."""

    def __init__(self) -> None:
        super().__init__()
        self._choices: dict[int, _Choice] = {}
        self._started = False

    def read(self, payload: bytes) -> list[Event]:
        """Return the events of one JSON text."""
        answer = _ANSWER.decode(payload)
        if answer.error is not None:
            self._over = True
            return [_failed(answer.error)]
        out: list[Event] = []
        blocked = answer.prompt_feedback is not None and answer.prompt_feedback.block_reason is not None
        if not self._started and (answer.candidates or blocked):
            self._started = True
            out.append(Started(id=answer.response_id, model=answer.model_version))
        for candidate in answer.candidates or ():
            choice = self._choices.get(candidate.index)
            if choice is None:
                choice = self._choices[candidate.index] = _Choice(candidate.index, answer.response_id)
            choice.take(candidate, out)
            if candidate.finish_reason in BROKEN:
                out.append(broken_off(candidate.finish_reason))
        if any(isinstance(event, Failed) for event in out):
            self._over = True
            return out
        if blocked:
            self._over = True
            out.append(Finished(reason="content_filter"))
        if (counts := meant(_USAGE.read(answer.usage_metadata), used)) is not None:
            out.append(counts)
        return out

    def _is_whole(self) -> bool:
        return bool(self._choices) and all(choice.finished for choice in self._choices.values())


class _Choice:
    """Reads one candidate."""

    def __init__(self, index: int, answer: str) -> None:
        self.finished = False
        self._index = index
        self._answer = answer
        self._places = Places(index)
        self._recited = Recited()
        self._text_place = -1
        self._calls = 0

    def take(self, candidate: Candidate, out: list[Event]) -> None:
        logprobs = candidate.logprobs_result
        for part in (candidate.content.parts if candidate.content else None) or ():
            self._part(part, logprobs, out)
            logprobs = None if part.text and not part.thought else logprobs
        if candidate.citation_metadata and (notes := self._recited.annotations(candidate.citation_metadata)):
            out.append(self._text("", out, annotations=notes))
        if candidate.finish_reason and candidate.finish_reason not in BROKEN and not self.finished:
            self.finished = True
            self._places.end(out)
            reason = REASONS.get(candidate.finish_reason, "other")
            reason = "tool_calls" if reason == "stop" and self._calls else reason
            out.append(Finished(reason=reason, choice=self._index))

    def _part(self, part: Part, logprobs: Logprobs | None, out: list[Event]) -> None:
        signature = seal(MAKER, part.thought_signature or "")
        if part.thought:
            place = self._places.at("thought", out)
            out.append(
                ThoughtPiece(text=part.text or "", signature=signature, place=place, choice=self._index, summary=True)
            )
            return
        if signature:
            # A signature on anything else seals it: it goes before it as a thought without words.
            out.append(ThoughtPiece(signature=signature, place=self._places.fresh("seal", out), choice=self._index))
        if part.function_call is not None:
            self._call(part.function_call, out)
        elif part.inline_data or part.file_data:
            out.append(untold("inlineData" if part.inline_data else "fileData"))
        elif part.text:
            out.append(self._text(part.text, out, logprobs=_logprobs(logprobs) if logprobs is not None else None))

    def _text(
        self,
        text: str,
        out: list[Event],
        *,
        logprobs: msgspec.Raw | None = None,
        annotations: tuple[msgspec.Raw, ...] = (),
    ) -> TextPiece:
        place = self._places.at("text", out)
        self._recited.say(text, fresh=place != self._text_place)
        self._text_place = place
        return TextPiece(text=text, place=place, choice=self._index, logprobs=logprobs, annotations=annotations)

    def _call(self, call: FunctionCall, out: list[Event]) -> None:
        self._calls += 1
        place = self._places.fresh("call", out)
        number = call.id or f"call_{self._answer}_{self._index}_{self._calls}"
        out.append(CallStarted(id=number, name=call.name, place=place, choice=self._index))
        given = present(call.args)
        arguments = NO_ARGUMENTS if given is None else bytes(given).decode()
        out.append(CallPiece(arguments=arguments, place=place, choice=self._index))


def _logprobs(result: Logprobs) -> msgspec.Raw:
    """Return the probabilities as OpenAI writes them."""
    tops = [top.candidates for top in result.top_candidates]
    tops += [[]] * (len(result.chosen_candidates) - len(tops))
    content = [
        {
            "token": chosen.token,
            "logprob": chosen.log_probability,
            "bytes": list(chosen.token.encode()),
            "top_logprobs": [
                {"token": top.token, "logprob": top.log_probability, "bytes": list(top.token.encode())}
                for top in tops[at]
            ],
        }
        for at, chosen in enumerate(result.chosen_candidates)
    ]
    return msgspec.Raw(msgspec.json.encode({"content": content, "refusal": None}))


def used(usage: Usage) -> Used:
    """Return the counts; thoughts are counted beside the words here, and among them in ours.

    Where the words are not counted, the total tells how many there were.
    """
    thoughts = usage.thoughts_token_count or 0
    read = (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0)
    return Used(
        input=read,
        output=usage.candidates_token_count + thoughts
        if usage.candidates_token_count
        else max(thoughts, rest_of(usage.total_token_count, read)),
        cached=usage.cached_content_token_count or 0,
        reasoning=thoughts,
        audio_input=_audio(usage.prompt_tokens_details),
        audio_output=_audio(usage.candidates_tokens_details),
    )


def _audio(details: Iterable[Modality] | None) -> int:
    return sum(detail.token_count or 0 for detail in details or () if detail.modality == "AUDIO")


def _failed(fault: VendorFault) -> Failed:
    code = fault.status if isinstance(fault.status, str) else ""
    message = fault.message if isinstance(fault.message, str) else "the upstream failed"
    return Failed(message=message, code=code, kind=code, status=fault_status(fault))
