"""Writes the items that a conversation consists of."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec.structs import replace

from tulou.services.gateway.dialects.custom_input import unwrapped
from tulou.services.gateway.dialects.media import address, data_url
from tulou.services.gateway.dialects.openai_responses.item_reader import ITEM
from tulou.services.gateway.dialects.openai_responses.words import MAKER, unbound
from tulou.services.gateway.dialects.plain import plain
from tulou.services.gateway.dialects.prompt import (
    AudioPart,
    DocumentPart,
    ImagePart,
    OpaqueInput,
    Part,
    RefusalPart,
    TextPart,
    ThoughtPart,
    ToolCall,
    ToolResult,
    Turn,
)
from tulou.services.gateway.dialects.report import Report
from tulou.services.gateway.dialects.seals import unseal
from tulou.services.gateway.dialects.toolbox import alone

Json = dict[str, object]


def write_items(report: Report, turns: Sequence[Turn]) -> list[object]:
    """Return the items; one turn may take several."""
    return [item for turn in _told_apart(turns) for item in _turn(report, turn)]


def _told_apart(turns: Sequence[Turn]) -> Sequence[Turn]:
    """Return the turns with results of custom tools marked as such; other dialects do not tell them from functions'."""
    calls = (part for turn in turns for part in turn.parts if isinstance(part, ToolCall))
    customs = {call.id for call in calls if call.custom}
    return [_marked(turn, customs) for turn in turns] if customs else turns


def _marked(turn: Turn, customs: set[str]) -> Turn:
    parts = tuple(
        replace(part, custom=True) if isinstance(part, ToolResult) and part.id in customs else part
        for part in turn.parts
    )
    return replace(turn, parts=parts)


def _turn(report: Report, turn: Turn) -> Iterator[object]:
    said: list[Part] = []
    wrote = False
    for key, group in groupby(turn.parts, _group):
        parts = list(group)
        if key == "said":
            said = parts
            yield _message(report, turn, said, first=not wrote)
            wrote = True
        elif key == "thought":
            yield from _thought(report, [part for part in parts if isinstance(part, ThoughtPart)])
        else:
            for part in parts:
                yield _item(report, part)
    if not turn.parts or (turn.rest and not wrote):
        yield _message(report, turn, [], first=True)


def _group(part: Part) -> str:
    match part:
        case ThoughtPart():
            return "thought"
        case ToolCall() | ToolResult():
            return "item"
        case OpaqueInput() if part.kind.startswith(ITEM):
            return "item"
        case _:
            return "said"


def _message(report: Report, turn: Turn, parts: Sequence[Part], *, first: bool) -> Json:
    role = "user" if turn.role == "tool" else turn.role
    said = "output_text" if role == "assistant" else "input_text"
    content: object = plain(parts)
    if content is None:
        content = [_part(report, part, said=said) for part in parts]
    message: Json = {"type": "message", "role": role, "content": content}
    return message | report.rest("messages", turn.rest) if first else message


def _item(report: Report, part: Part) -> object:
    match part:
        case ToolCall():
            report.mark(part.cached, "messages")
            return _call(part) | report.rest("messages", part.rest)
        case ToolResult():
            return _result(report, part)
        case OpaqueInput():
            return report.opaque(part)
        case _:
            raise report.refuse("messages", f"takes no {type(part).__name__} here")


def _call(part: ToolCall) -> Json:
    call: Json = {"type": "custom_tool_call" if part.custom else "function_call", "call_id": part.id}
    call["name"] = alone(part.namespace, part.name)
    call |= {"input": unwrapped(part.arguments)} if part.custom else {"arguments": part.arguments}
    return call | ({"namespace": part.namespace} if part.namespace else {})


def _result(report: Report, part: ToolResult) -> Json:
    if part.failed:
        report.drop("messages.is_error", "an output has no mark for failure; its words must tell")
    report.mark(part.cached, "messages")
    output: object = plain(part.parts) if part.parts else ""
    if output is None:
        output = [_part(report, inner, said="input_text") for inner in part.parts]
    kind = "custom_tool_call_output" if part.custom else "function_call_output"
    written: Json = {"type": kind, "call_id": part.id, "output": output}
    if part.name and report.native:
        written["name"] = part.name
    return written | report.rest("messages", part.rest)


def _part(report: Report, part: Part, *, said: str) -> object:
    match part:
        case TextPart():
            written: Json = {"type": said, "text": part.text}
            if said == "output_text":
                written["annotations"] = []
            report.mark(part.cached, "messages")
            return written | report.rest("messages", part.rest)
        case ImagePart():
            report.mark(part.cached, "messages")
            image = Json({"type": "input_image", "image_url": address(part), "detail": part.detail or "auto"})
            return image | report.rest("messages", part.rest)
        case DocumentPart():
            return _file(report, part)
        case AudioPart():
            sound = {"data": part.data, "format": part.format}
            return Json({"type": "input_audio", "input_audio": sound}) | report.rest("messages", part.rest)
        case RefusalPart():
            return {"type": "refusal", "refusal": part.text}
        case OpaqueInput():
            return report.opaque(part)
        case _:
            raise report.refuse("messages", f"takes no {type(part).__name__} here")


def _file(report: Report, part: DocumentPart) -> Json:
    report.mark(part.cached, "messages")
    written: Json = {"type": "input_file"}
    if part.name or part.data:
        written["filename"] = part.name or "document"
    if part.data:
        written["file_data"] = data_url(part.media_type, part.data)
    if part.url:
        written["file_url"] = part.url
    if part.file:
        if not report.native and report.prompt.family != "openai":
            raise report.refuse("messages", f"does not know the uploaded file {part.file!r}; send it in base64")
        written["file_id"] = part.file
    return written | report.rest("messages", part.rest)


def _thought(report: Report, thoughts: Sequence[ThoughtPart]) -> Iterator[object]:
    """Yield one item for the pieces of each thought; another vendor's, and what nobody can prove, is left out.

    A thought that nobody signed may go back to an upstream of this very dialect if it is shown in full: open models
    sign nothing, and OpenAI's own show no more than summaries.
    """
    for pieces in _items(thoughts):
        last = pieces[-1]
        number, ours = unbound(unseal(last.signature, MAKER) or unseal(last.redacted, MAKER))
        content = [
            {"type": "reasoning_text", "text": piece.text} for piece in pieces if piece.text and not piece.summary
        ]
        sealed = bool(last.signature or last.redacted)
        if not ours and (sealed or not content or not report.native):
            report.drop("messages.thinking", "the upstream takes back what it encrypted itself, nothing else")
            continue
        item: Json = {"type": "reasoning", "id": number or last.id or "rs_0"}
        item["summary"] = [{"type": "summary_text", "text": piece.text} for piece in pieces if piece.summary]
        if content and report.native:
            item["content"] = content
        elif content:
            item["summary"] = [{"type": "summary_text", "text": piece["text"]} for piece in content]
        if ours:
            item["encrypted_content"] = ours
        yield item | report.rest("messages", last.rest)


def _items(thoughts: Sequence[ThoughtPart]) -> Iterator[list[ThoughtPart]]:
    """Yield the pieces of each thought; what proves it goes with the last."""
    held: list[ThoughtPart] = []
    for thought in thoughts:
        if held and (held[-1].id != thought.id or held[-1].signature or held[-1].redacted):
            yield held
            held = []
        held.append(thought)
    if held:
        yield held
