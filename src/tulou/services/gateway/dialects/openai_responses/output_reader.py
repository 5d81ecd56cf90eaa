"""Reads the items of an answer's output, as they come or whole."""

import msgspec

from tulou.services.gateway.dialects.custom_input import CLOSED, OPENED, escaped, wrapped
from tulou.services.gateway.dialects.events import (
    CallPiece,
    CallStarted,
    Event,
    OpaquePart,
    TextPiece,
    ThoughtPiece,
)
from tulou.services.gateway.dialects.openai_responses.shapes import Item, Part, StreamEvent
from tulou.services.gateway.dialects.openai_responses.words import FAMILY, bound, decrypted
from tulou.services.gateway.dialects.places import Places
from tulou.services.gateway.dialects.toolbox import joined

_ITEM = msgspec.json.Decoder(Item)
CALLS = frozenset({"function_call", "custom_tool_call"})
PARAGRAPH = "\n\n"
"""What stands between the parts of a summary, which are one thought."""


class Output:
    """Gives every part of every item its place; thoughts, texts and calls are told, other items are kept as written."""

    def __init__(self) -> None:
        self.calls = False
        self._places = Places()
        self._streamed: set[tuple[int, str]] = set()

    def read(self, event: StreamEvent, out: list[Event]) -> None:
        """Take an event that concerns an item; those of no concern are left out."""
        match event.type:
            case "response.output_text.delta" | "response.refusal.delta":
                self._text(event, out)
            case "response.reasoning_summary_text.delta":
                self._think(event, out, summary=True)
            case "response.reasoning_text.delta":
                self._think(event, out, summary=False)
            case "response.function_call_arguments.delta":
                self._argue(event.output_index, _words(event), out)
            case "response.custom_tool_call_input.delta":
                self._say(event.output_index, _words(event), out)
            case "response.output_text.annotation.added":
                place = self._places.at(f"text {event.output_index}.{event.content_index}", out)
                out.append(TextPiece(text="", place=place, annotations=(event.annotation,)))
            case "response.output_item.added":
                self._added(event, out)
            case "response.output_item.done":
                self.whole(event.output_index, event.item, out)
            case "response.reasoning_summary_part.added" if event.summary_index:
                place = self._places.at(f"thought {event.output_index}", out)
                out.append(ThoughtPiece(text=PARAGRAPH, summary=True, place=place))
            case _:
                pass

    def whole(self, index: int, raw: msgspec.Raw, out: list[Event]) -> None:
        """Take an item that is done: what of it was not streamed comes now."""
        item = _ITEM.decode(raw)
        match item.type:
            case "message":
                for at, part in enumerate(item.content or ()):
                    self._whole_part(index, at, part, out)
            case "reasoning":
                self._whole_thought(index, item, out)
            case "custom_tool_call":
                self._call(index, item, out)
                said = (index, "arguments") in self._streamed
                self._argue(index, CLOSED if said else wrapped(item.input or ""), out)
            case "function_call":
                self._call(index, item, out)
                if item.arguments and (index, "arguments") not in self._streamed:
                    self._argue(index, item.arguments, out)
            case _:
                out.append(OpaquePart(raw=raw, family=FAMILY, place=self._places.fresh("item", out)))
        self._places.end(out)

    def end(self, out: list[Event]) -> None:
        """End what is open."""
        self._places.end(out)

    def _added(self, event: StreamEvent, out: list[Event]) -> None:
        item = _ITEM.decode(event.item)
        if item.type in CALLS:
            self._call(event.output_index, item, out)

    def _call(self, index: int, item: Item, out: list[Event]) -> None:
        if (index, "call") in self._streamed:
            return
        self._streamed.add((index, "call"))
        self.calls = True
        place = self._places.call(f"call {index}", out)
        name = joined(item.namespace or "", item.name)
        out.append(CallStarted(id=item.call_id or item.id or f"call_{index}", name=name, place=place))

    def _say(self, index: int, words: str, out: list[Event]) -> None:
        """Take a piece of the text that a custom tool is called with."""
        if words:
            opened = "" if (index, "arguments") in self._streamed else OPENED
            self._argue(index, opened + escaped(words), out)

    def _argue(self, index: int, words: str, out: list[Event]) -> None:
        if words:
            if (index, "call") not in self._streamed:
                raise ValueError(f"the stream goes on with the call {index}, which never began")
            self._streamed.add((index, "arguments"))
            place = self._places.at(f"call {index}", out)
            self._places.argued(words)
            out.append(CallPiece(arguments=words, place=place))

    def _text(self, event: StreamEvent, out: list[Event]) -> None:
        refusal = event.type == "response.refusal.delta"
        self._streamed.add((event.output_index, f"part {event.content_index}"))
        place = self._places.at(f"text {event.output_index}.{event.content_index}", out)
        logprobs = msgspec.Raw(msgspec.json.encode({"content": event.logprobs})) if event.logprobs else None
        out.append(TextPiece(text=_words(event), refusal=refusal, place=place, logprobs=logprobs))

    def _whole_part(self, index: int, at: int, part: Part, out: list[Event]) -> None:
        if (index, f"part {at}") in self._streamed:
            return
        place = self._places.at(f"text {index}.{at}", out)
        if part.type == "refusal":
            out.append(TextPiece(text=part.refusal, refusal=True, place=place))
            return
        logprobs = msgspec.Raw(msgspec.json.encode({"content": part.logprobs})) if part.logprobs else None
        annotations = tuple(part.annotations or ())
        out.append(TextPiece(text=part.text, place=place, logprobs=logprobs, annotations=annotations))

    def _think(self, event: StreamEvent, out: list[Event], *, summary: bool) -> None:
        kind = "thought" if summary else "reasoning"
        self._streamed.add((event.output_index, kind))
        place = self._places.at(f"{kind} {event.output_index}", out)
        out.append(ThoughtPiece(text=_words(event), summary=summary, place=place))

    def _whole_thought(self, index: int, item: Item, out: list[Event]) -> None:
        place = -1
        summary = PARAGRAPH.join(part.text for part in item.summary or ())
        content = "".join(part.text for part in item.content or ())
        for kind, text in (("thought", summary), ("reasoning", content)):
            if (index, kind) in self._streamed:
                place = self._places.at(f"{kind} {index}", out)
            elif text:
                place = self._places.at(f"{kind} {index}", out)
                out.append(ThoughtPiece(text=text, summary=kind == "thought", place=place))
        signature, redacted = decrypted(bound(item.id or "", item.encrypted_content or ""))
        if signature or redacted:
            place = place if place >= 0 else self._places.fresh(f"sealed {index}", out)
            out.append(ThoughtPiece(signature=signature, redacted=redacted, place=place))


def _words(event: StreamEvent) -> str:
    return event.delta if isinstance(event.delta, str) else ""
