"""Reads the blocks that messages consist of."""

import base64
from collections.abc import Iterator

from tulou.services.gateway.dialects.anthropic.words import MAKER
from tulou.services.gateway.dialects.prompt import (
    CacheMark,
    DocumentPart,
    ImagePart,
    OpaqueInput,
    Part,
    TextPart,
    ThoughtPart,
    ToolCall,
    ToolResult,
)
from tulou.services.gateway.dialects.reading import TEXT, TEXT_OR_OBJECTS, TRUTH, Fields, cites
from tulou.services.gateway.dialects.seals import given


def read_blocks(fields: Fields, name: str) -> Iterator[Part]:
    """Yield the parts of a field that holds words or blocks."""
    content = fields.take(name, TEXT_OR_OBJECTS)
    if isinstance(content, str):
        yield TextPart(text=content)
        return
    place = fields.at(name)
    for index, block in enumerate(content or ()):
        yield _block(Fields(block, f"{place}[{index}]"))


def mark(fields: Fields) -> CacheMark | None:
    """Return the mark that what comes before may be cached."""
    raw = fields.raw("cache_control")
    return None if raw is None else CacheMark(raw=raw)


def _block(block: Fields) -> Part:
    match kind := block.need("type", TEXT):
        case "text":
            return TextPart(text=block.need("text", TEXT), cached=mark(block), rest=block.rest())
        case "tool_use":
            return _call(block)
        case "tool_result":
            return _result(block)
        case "thinking" | "redacted_thinking":
            return ThoughtPart(
                text=block.text("thinking"),
                signature=given(block.text("signature"), MAKER),
                redacted=given(block.text("data"), MAKER),
                rest=block.rest(),
            )
        case "image" | "document":
            return _sourced(kind, block)
        case _:
            return OpaqueInput(kind=kind, raw=block.whole({"type": kind}))


def _call(block: Fields) -> ToolCall:
    arguments = block.raw("input")
    return ToolCall(
        id=block.need("id", TEXT),
        name=block.need("name", TEXT),
        arguments="{}" if arguments is None else bytes(arguments).decode(),
        cached=mark(block),
        rest=block.rest(),
    )


def _result(block: Fields) -> ToolResult:
    return ToolResult(
        id=block.need("tool_use_id", TEXT),
        parts=tuple(read_blocks(block, "content")),
        failed=block.take("is_error", TRUTH) is True,
        cached=mark(block),
        rest=block.rest(),
    )


def _sourced(kind: str, block: Fields) -> Part:
    """Return a picture or a document; one whose source only this dialect knows is kept as it was written."""
    raw = block.raw("source")
    source = Fields({} if raw is None else {"source": raw}, block.place).need_inner("source")
    origin = source.need("type", TEXT)
    if kind == "image" and origin in {"base64", "url"}:
        return ImagePart(
            url=source.text("url"),
            data=source.text("data"),
            media_type=source.text("media_type"),
            cached=mark(block),
            rest=block.rest_with("source", source),
        )
    if kind == "document" and origin in {"base64", "url", "file", "text"}:
        data = source.text("data")
        return DocumentPart(
            name=block.text("title"),
            data=base64.b64encode(data.encode()).decode() if origin == "text" else data,
            url=source.text("url"),
            file=source.text("file_id"),
            media_type=source.text("media_type"),
            citations=cites(block),
            cached=mark(block),
            rest=block.rest_with("source", source),
        )
    return OpaqueInput(kind=f"{kind} from a {origin}", raw=block.whole({"type": kind, "source": raw}))
