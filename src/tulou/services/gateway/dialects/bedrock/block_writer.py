"""Writes the blocks that messages consist of."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from tulou.services.gateway.dialects.bedrock.words import MAKER
from tulou.services.gateway.dialects.media import split_data_url
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
FORMATS = frozenset({"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"})
UNFIT = re.compile(r"[^a-zA-Z0-9_.:-]")
UNFIT_NAME = re.compile(r"[^a-zA-Z0-9\s\-()\[\]]")
UNSIGNED = "the upstream takes back what its models signed themselves, nothing else"
ID_LENGTH = 64
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Ttl(msgspec.Struct):
    ttl: str | None = None


def point(mark: CacheMark) -> Json:
    """Return the point up to which may be cached."""
    written: Json = {"type": "default"}
    try:
        ttl = msgspec.json.decode(mark.raw, type=_Ttl).ttl
    except msgspec.MsgspecError:
        ttl = None
    return {"cachePoint": written | {"ttl": ttl} if ttl else written}


def write_system(report: Report) -> list[object]:
    """Return the instructions, which stand before the conversation."""
    turns = report.prompt.turns
    parts: list[Part] = []
    for index, turn in enumerate(turns):
        if turn.role in SYSTEM:
            parts.extend(turn.parts)
            report.rest("messages", turn.rest)
            if any(earlier.role not in SYSTEM for earlier in turns[:index]):
                report.drop("messages.role", "instructions within the conversation were moved before it")
    return list(_blocks(report, parts))


def write_messages(report: Report) -> list[object]:
    """Return the turns; those of one side that follow each other become one, since sides must alternate."""
    messages: list[tuple[str, list[object]]] = []
    for turn in report.prompt.turns:
        if turn.role in SYSTEM:
            continue
        role = "assistant" if turn.role == "assistant" else "user"
        report.rest("messages", turn.rest)
        blocks = list(_blocks(report, turn.parts))
        if messages and messages[-1][0] == role:
            messages[-1][1].extend(blocks)
        elif blocks:
            messages.append((role, blocks))
    return [{"role": role, "content": blocks} for role, blocks in messages]


def _blocks(report: Report, parts: Sequence[Part]) -> Iterator[object]:
    for part in parts:
        match part:
            case ThoughtPart():
                yield from _thought(report, part)
            case TextPart(text="") | RefusalPart(text=""):
                continue
            case _:
                yield _block(report, part)
        if isinstance(part, TextPart | ImagePart | DocumentPart | ToolCall | ToolResult) and part.cached is not None:
            yield point(part.cached)
        if not isinstance(part, RefusalPart | OpaqueInput):
            report.rest("messages", part.rest)


def _block(
    report: Report,
    part: TextPart | RefusalPart | ImagePart | DocumentPart | ToolCall | ToolResult | AudioPart | OpaqueInput,
) -> object:
    written: object
    match part:
        case TextPart() | RefusalPart():
            written = {"text": part.text}
        case ImagePart():
            written = _picture(report, part)
        case DocumentPart():
            written = _document(report, part)
        case ToolCall():
            called = {"toolUseId": _id(part.id), "name": part.name, "input": _arguments(report, part.arguments)}
            written = {"toolUse": called}
        case ToolResult():
            written = _result(report, part)
        case OpaqueInput():
            written = report.opaque(part)
        case AudioPart():
            written = {"audio": {"format": part.format, "source": {"bytes": part.data}}}
    return written


def _thought(report: Report, part: ThoughtPart) -> Iterator[Json]:
    signature, redacted = unseal(part.signature, MAKER), unseal(part.redacted, MAKER)
    if redacted:
        yield {"reasoningContent": {"redactedContent": redacted}}
    elif signature:
        yield {"reasoningContent": {"reasoningText": {"text": part.text, "signature": signature}}}
    else:
        report.drop("messages.thinking", UNSIGNED)


def _picture(report: Report, part: ImagePart) -> Json:
    media_type, data = (part.media_type, part.data) if part.data else split_data_url(part.url)
    if data:
        return {"image": {"format": (media_type or "image/png").rpartition("/")[2], "source": {"bytes": data}}}
    if part.url.startswith("s3://"):
        form = part.url.rpartition(".")[2].lower()
        kind = "jpeg" if form == "jpg" else form
        return {"image": {"format": kind, "source": {"s3Location": {"uri": part.url}}}}
    raise report.refuse("messages", "takes no images by URL; send them in base64")


def _document(report: Report, part: DocumentPart) -> Json:
    if part.file:
        raise report.refuse("messages", f"does not know the uploaded file {part.file!r}; send it in base64")
    name = UNFIT_NAME.sub("-", part.name.rpartition(".")[0] or part.name) or "document"
    if part.url.startswith("s3://"):
        source: Json = {"s3Location": {"uri": part.url}}
    elif part.url:
        raise report.refuse("messages", "takes no documents by URL; send them in base64")
    else:
        source = {"bytes": part.data}
    written: Json = {"format": _form(part), "name": name, "source": source}
    return {"document": written | {"citations": {"enabled": True}} if part.citations else written}


def _form(part: DocumentPart) -> str:
    end = (part.name or part.url).rpartition(".")[2].lower()
    if end in FORMATS:
        return end
    kind = part.media_type.rpartition("/")[2]
    return {"plain": "txt", "markdown": "md", "html": "html", "csv": "csv"}.get(kind, "pdf")


def _arguments(report: Report, arguments: str) -> object:
    try:
        _OBJECT.decode(arguments or "{}")
    except msgspec.MsgspecError:
        report.drop("messages.tool_calls", "arguments that are no JSON object were wrapped into one")
        return {"arguments": arguments}
    return msgspec.Raw((arguments or "{}").encode())


def _result(report: Report, part: ToolResult) -> Json:
    content = list(_blocks(report, part.parts)) or [{"text": ""}]
    written: Json = {"toolUseId": _id(part.id), "content": content}
    return {"toolResult": written | {"status": "error"} if part.failed else written}


def _id(given: str) -> str:
    """Return an id in the letters and the length that this dialect takes; the same of a call and of its result."""
    return UNFIT.sub("_", given)[-ID_LENGTH:]
