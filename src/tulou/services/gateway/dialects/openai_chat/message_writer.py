"""Writes the messages of a conversation."""

from collections.abc import Iterator, Sequence

import msgspec

from tulou.services.gateway.dialects.custom_input import unwrapped
from tulou.services.gateway.dialects.media import address, data_url
from tulou.services.gateway.dialects.nesting import nested
from tulou.services.gateway.dialects.openai_chat.words import MAKER
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
from tulou.services.gateway.dialects.seals import shown

Json = dict[str, object]
SCREENED = "the upstream takes no earlier reasoning"


def write_messages(report: Report) -> list[object]:
    """Return the messages; what one turn of another dialect holds may take several."""
    messages: list[object] = []
    for turn in _joined(report.prompt.turns):
        messages.extend(_write(report, turn))
    return messages


def _joined(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Yield the turns; calls that follow the assistant's words as turns of their own become one message with them."""
    held: Turn | None = None
    for turn in turns:
        if held is not None and _belong_together(held, turn):
            held = msgspec.structs.replace(held, parts=held.parts + turn.parts, rest={**held.rest, **turn.rest})
            continue
        if held is not None:
            yield held
        held = turn
    if held is not None:
        yield held


def _belong_together(first: Turn, second: Turn) -> bool:
    if first.role != "assistant" or second.role != "assistant":
        return False
    return all(isinstance(part, ThoughtPart) for part in first.parts) or all(
        isinstance(part, ToolCall) for part in second.parts
    )


def _write(report: Report, turn: Turn) -> Iterator[object]:
    if turn.role == "assistant":
        yield _assistant(report, turn)
        return
    results = [part for part in turn.parts if isinstance(part, ToolResult)]
    others: list[Part] = [part for part in turn.parts if not isinstance(part, ToolResult)]
    for result in results:
        yield _result(report, result, turn)
        others[:0] = [part for part in result.parts if not isinstance(part, TextPart | OpaqueInput)]
    if turn.role == "tool" and others and isinstance(others[0], OpaqueInput):
        yield report.opaque(others[0])
    elif others or not results:
        keeps = report.native and (turn.role != "developer" or report.ability.developer_role)
        role = turn.role if keeps else {"developer": "system", "tool": "user"}.get(turn.role, turn.role)
        written: Json = {"role": role, "content": _content(report, others)}
        yield written | _besides(report, turn)
    else:
        report.rest("messages", turn.rest)


def _besides(report: Report, turn: Turn) -> Json:
    rest = Json(report.rest("messages", turn.rest))
    return rest | {"name": turn.name} if turn.name else rest


def _result(report: Report, result: ToolResult, turn: Turn) -> Json:
    if result.failed:
        report.drop("messages.is_error", "a tool's message has no mark for failure; its words must tell")
    texts = [part for part in result.parts if isinstance(part, TextPart | OpaqueInput)]
    written: Json = {"role": "tool", "tool_call_id": result.id, "content": _content(report, texts)}
    if result.name:
        written["name"] = result.name
    written |= report.mark(result.cached, "messages") | report.rest("messages", result.rest)
    return written | report.rest("messages", turn.rest) if turn.role == "tool" else written


def _content(report: Report, parts: Sequence[Part], joint: str = "\n\n") -> object:
    if not parts:
        return ""
    words = plain(parts)
    if words is not None:
        return words
    written = [_part(report, part) for part in parts]
    if report.native or not all(isinstance(part, TextPart) for part in parts):
        return written
    # Many servers of this dialect take words alone as words alone.
    return joint.join(part.text for part in parts if isinstance(part, TextPart))


def _part(report: Report, part: Part) -> object:
    match part:
        case TextPart():
            return _marked(report, part, {"type": "text", "text": part.text})
        case ImagePart():
            image = {"url": address(part)} | ({"detail": part.detail} if part.detail else {})
            return _marked(report, part, {"type": "image_url", "image_url": image})
        case DocumentPart():
            return _document(report, part)
        case AudioPart():
            sound = {"data": part.data, "format": part.format}
            return nested({"type": "input_audio", "input_audio": sound}, report.rest("messages", part.rest))
        case RefusalPart():
            return {"type": "refusal", "refusal": part.text}
        case OpaqueInput():
            return report.opaque(part)
        case _:
            raise report.refuse("messages", f"takes no {type(part).__name__} in a turn of this role")


def _document(report: Report, part: DocumentPart) -> Json:
    if part.url:
        raise report.refuse("messages", "takes no documents by URL; send them in base64")
    file: Json = {}
    if part.data:
        file["file_data"] = data_url(part.media_type, part.data)
        file["filename"] = part.name or "document"
    elif part.name:
        file["filename"] = part.name
    if part.file:
        if not report.native and report.prompt.family != "responses":
            raise report.refuse("messages", f"does not know the uploaded file {part.file!r}; send it in base64")
        file["file_id"] = part.file
    return _marked(report, part, {"type": "file", "file": file})


def _marked(report: Report, part: TextPart | ImagePart | DocumentPart, written: Json) -> Json:
    if part.cached is None and not part.rest:
        return written
    return nested(written | report.mark(part.cached, "messages"), report.rest("messages", part.rest))


def _assistant(report: Report, turn: Turn) -> Json:
    said: list[Part] = []
    calls: list[object] = []
    others: Json = {}
    thoughts: list[ThoughtPart] = []
    for part in turn.parts:
        match part:
            case ThoughtPart():
                thoughts.append(part)
            case ToolCall():
                calls.append(_call(report, part))
            case OpaqueInput(kind="function_call" | "audio"):
                others[part.kind] = report.opaque(part)
            case OpaqueInput() if part.kind.endswith(" tool call"):
                calls.append(report.opaque(part))
            case _:
                said.append(part)
    message: Json = {"role": "assistant"} | _said(report, said)
    message |= _thoughts(report, thoughts)
    if calls:
        message["tool_calls"] = calls
    return message | others | _besides(report, turn)


def _said(report: Report, said: list[Part]) -> Json:
    """Return what was said; a refusal alone stands in its own field, as answers have it."""
    match said:
        case []:
            return {"content": None}
        case [RefusalPart(text=text)]:
            return {"content": None, "refusal": text}
        case [*parts, RefusalPart(text=text)] if not any(isinstance(part, RefusalPart) for part in parts):
            return {"content": _content(report, parts, ""), "refusal": text}
        case _:
            return {"content": _content(report, said, "")}


def _call(report: Report, call: ToolCall) -> Json:
    written = Json(id=call.id) | called(call.name, call.arguments, custom=call.custom and not report.functions)
    return nested(written | report.mark(call.cached, "messages"), report.rest("messages", call.rest))


def called(name: str, arguments: str, *, custom: bool) -> Json:
    """Return what is called, and with what; a custom tool with a text as it is."""
    if custom:
        return {"type": "custom", "custom": {"name": name, "input": unwrapped(arguments)}}
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def _thoughts(report: Report, thoughts: list[ThoughtPart]) -> Json:
    field = report.ability.thoughts_field
    if not thoughts:
        return {}
    if not field or report.lacks("reasoning"):
        report.drop("messages.thinking", SCREENED)
        return {}
    written: Json = {field: text} if (text := "".join(thought.text for thought in thoughts)) else {}
    if any(thought.redacted for thought in thoughts) and not report.native:
        report.drop("messages.redacted_thinking", "it is for the model's maker alone")
    if report.native and any(thought.signature or thought.redacted or thought.rest for thought in thoughts):
        details = [detail(thought) | report.rest("messages", thought.rest) for thought in thoughts]
        written["reasoning_details"] = details
    return written


def detail(thought: ThoughtPart) -> Json:
    """Return a thought with what proves it, as OpenRouter's clients carry it from turn to turn."""
    if thought.redacted:
        written: Json = {"type": "reasoning.encrypted", "data": shown(thought.redacted, MAKER)}
    elif thought.summary:
        written = {"type": "reasoning.summary", "summary": thought.text}
    else:
        written = {"type": "reasoning.text", "text": thought.text}
    if thought.signature:
        written["signature"] = shown(thought.signature, MAKER)
    if thought.id:
        written["id"] = thought.id
    return written
