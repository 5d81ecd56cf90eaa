"""Writes the blocks that messages consist of."""

import base64
import re
from collections.abc import Iterator, Sequence

import msgspec

from tulou.services.gateway.dialects.anthropic.words import MAKER
from tulou.services.gateway.dialects.media import split_data_url
from tulou.services.gateway.dialects.nesting import nested
from tulou.services.gateway.dialects.plain import plain
from tulou.services.gateway.dialects.prompt import (
    AudioPart,
    CacheMark,
    DocumentPart,
    ImagePart,
    OpaqueInput,
    Part,
    RefusalPart,
    TextPart,
    ThoughtPart,
    ToolCall,
    ToolResult,
)
from tulou.services.gateway.dialects.report import Report
from tulou.services.gateway.dialects.seals import unseal

Json = dict[str, object]
SYSTEM = frozenset({"system", "developer"})
UNFIT = re.compile(r"[^a-zA-Z0-9_-]")
UNSIGNED = "the upstream takes back what it signed itself, nothing else"
_ARGUMENTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def write_system(report: Report) -> object:
    """Return the instructions that stand before the conversation: words, or blocks; nothing when there are none."""
    turns = report.prompt.turns
    parts: list[Part] = []
    for index, turn in enumerate(turns):
        if turn.role in SYSTEM and not _stays(report, index):
            parts.extend(turn.parts)
            report.rest("messages", turn.rest)
            if any(earlier.role not in SYSTEM for earlier in turns[:index]):
                report.drop("messages.role", "instructions within the conversation were moved before it")
    return _content(report, parts) if parts else ""


def write_messages(report: Report) -> list[object]:
    """Return the turns; those of one side that follow each other become one."""
    messages: list[Json] = []
    for index, turn in enumerate(report.prompt.turns):
        stays = _stays(report, index)
        if turn.role in SYSTEM and not stays:
            continue
        role = turn.role if turn.role == "assistant" or stays else "user"
        content = _content(report, turn.parts) if report.native else list(_blocks(report, turn.parts))
        if content == []:
            continue
        if messages and not report.native and messages[-1]["role"] == role:
            messages[-1]["content"] = [*_listed(messages[-1]["content"]), *_listed(content)]
            continue
        messages.append({"role": role, "content": content} | report.rest("messages", turn.rest))
    return [_plain(message) for message in messages]


def _stays(report: Report, index: int) -> bool:
    """Say whether a system turn may stay where it is: the newest models of this dialect take them anywhere."""
    turns = report.prompt.turns
    return report.native and turns[index].role == "system" and index > 0


def _plain(message: Json) -> Json:
    """Write a lone text without its block, as the documents do."""
    match message["content"]:
        case [{"type": "text", "text": text, **others}] if not others:  # pyright: ignore[reportUnknownVariableType] - JSON
            return message | {"content": text}
        case _:
            return message


def _listed(content: object) -> list[object]:
    return list(content) if isinstance(content, list) else [{"type": "text", "text": content}]  # pyright: ignore[reportUnknownArgumentType] - JSON


def _content(report: Report, parts: Sequence[Part]) -> object:
    words = plain(parts)
    return list(_blocks(report, parts)) if words is None else words


def _blocks(report: Report, parts: Sequence[Part]) -> Iterator[object]:
    for part in parts:
        match part:
            case TextPart():
                # An empty text is refused by the upstream, and says nothing.
                if part.text or report.native:
                    yield {"type": "text", "text": part.text} | _besides(report, part)
            case ThoughtPart():
                yield from _thought(report, part)
            case _:
                yield _block(report, part)


def _block(
    report: Report, part: ImagePart | DocumentPart | ToolCall | ToolResult | AudioPart | RefusalPart | OpaqueInput
) -> object:
    written: object
    match part:
        case RefusalPart():
            written = {"type": "text", "text": part.text}
        case ImagePart():
            written = nested({"type": "image", "source": _picture(part)}, _besides(report, part))
        case DocumentPart():
            written = _document(report, part)
        case ToolCall():
            written = _call(report, part)
        case ToolResult():
            written = _result(report, part)
        case OpaqueInput():
            written = report.opaque(part)
        case AudioPart():
            raise report.refuse("messages", "takes no audio")
    return written


def _besides(report: Report, part: TextPart | ImagePart | DocumentPart | ToolCall | ToolResult) -> Json:
    marked: Json = {"cache_control": part.cached.raw} if isinstance(part.cached, CacheMark) else {}
    return marked | report.rest("messages", part.rest) if part.rest else marked


def _picture(part: ImagePart) -> Json:
    media_type, data = (part.media_type, part.data) if part.data else split_data_url(part.url)
    if data:
        return {"type": "base64", "media_type": media_type or "image/png", "data": data}
    return {"type": "url", "url": part.url}


def _document(report: Report, part: DocumentPart) -> Json:
    written: Json = {"type": "document", "source": _source(report, part)}
    if part.name:
        written["title"] = part.name
    if part.citations is not None:
        written["citations"] = {"enabled": part.citations}
    return nested(written, _besides(report, part))


def _source(report: Report, part: DocumentPart) -> Json:
    if part.url:
        return {"type": "url", "url": part.url}
    if part.file:
        if not report.native:
            raise report.refuse("messages", f"does not know the uploaded file {part.file!r}; send it in base64")
        return {"type": "file", "file_id": part.file}
    if part.media_type.startswith("text/"):
        return {
            "type": "text",
            "media_type": "text/plain",
            "data": _words(report, part),
        }
    return {"type": "base64", "media_type": part.media_type or "application/pdf", "data": part.data}


def _words(report: Report, part: DocumentPart) -> str:
    try:
        return base64.b64decode(part.data).decode("utf-8", "replace")
    except ValueError as error:
        raise report.refuse("messages", f"cannot read the document {part.name!r}: {error}") from error


def _call(report: Report, part: ToolCall) -> Json:
    written: Json = {"type": "tool_use", "id": _id(part.id), "name": part.name, "input": _arguments(report, part)}
    return written | _besides(report, part)


def _arguments(report: Report, part: ToolCall) -> object:
    try:
        _ARGUMENTS.decode(part.arguments or "{}")
    except msgspec.MsgspecError:
        report.drop("messages.tool_calls", "arguments that are no JSON object were wrapped into one")
        return {"arguments": part.arguments}
    return msgspec.Raw((part.arguments or "{}").encode())


def _result(report: Report, part: ToolResult) -> Json:
    written: Json = {"type": "tool_result", "tool_use_id": _id(part.id)}
    if content := _content(report, part.parts):
        written["content"] = content
    if part.failed:
        written["is_error"] = True
    return written | _besides(report, part)


def _thought(report: Report, part: ThoughtPart) -> Iterator[Json]:
    signature, redacted = unseal(part.signature, MAKER), unseal(part.redacted, MAKER)
    if redacted:
        yield {"type": "redacted_thinking", "data": redacted} | report.rest("messages", part.rest)
    elif signature or (report.native and not part.signature):
        written: Json = {"type": "thinking", "thinking": part.text, "signature": signature}
        yield written | report.rest("messages", part.rest)
    else:
        report.drop("messages.thinking", UNSIGNED)


def _id(given: str) -> str:
    """Return an id in the letters that this dialect takes; the same of a call and of its result."""
    return UNFIT.sub("_", given)
