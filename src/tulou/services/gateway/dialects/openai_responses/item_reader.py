"""Reads the items that a conversation consists of, and puts what the model said in one go into one turn."""

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from tulou.services.gateway.dialects.custom_input import wrapped
from tulou.services.gateway.dialects.media import media_type_of, split_data_url
from tulou.services.gateway.dialects.openai_responses.tool_reader import ToolReader
from tulou.services.gateway.dialects.openai_responses.words import decrypted
from tulou.services.gateway.dialects.prompt import (
    AudioPart,
    DocumentPart,
    ImagePart,
    OpaqueInput,
    Part,
    RefusalPart,
    Role,
    TextPart,
    ThoughtPart,
    ToolCall,
    ToolResult,
    Turn,
)
from tulou.services.gateway.dialects.reading import (
    TEXT,
    TEXT_OR_OBJECTS,
    Fields,
    Object,
    arguments_of,
    cites,
    wrong_type,
)
from tulou.services.gateway.dialects.toolbox import joined

ROLES = frozenset({"system", "developer", "user", "assistant"})
ITEM = "item "
"""How the kinds of parts begin that were whole items."""

_EMPTY = msgspec.Raw(b"[]")


def read_input(fields: Fields, tools: ToolReader) -> Iterator[Turn]:
    """Yield the turns of a request's input: words, or items; those that add tools are told to `tools`."""
    given = fields.take("input", TEXT_OR_OBJECTS)
    if isinstance(given, str):
        yield Turn(role="user", parts=(TextPart(text=given),))
        return
    items = [Fields(item, f"input[{index}]") for index, item in enumerate(given or ())]
    yield from _joined(turn for item in items for turn in _item(item, tools))


def _joined(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Yield the turns; thoughts, words and calls of the model that follow each other are one."""
    held: Turn | None = None
    for turn in turns:
        if held is not None and _goes_on(held, turn):
            held = Turn(role="assistant", parts=held.parts + turn.parts, rest=held.rest or turn.rest)
            continue
        if held is not None:
            yield held
        held = turn
    if held is not None:
        yield held


def _goes_on(held: Turn, turn: Turn) -> bool:
    if held.role != "assistant" or turn.role != "assistant":
        return False
    says = any(isinstance(part, TextPart | RefusalPart) for part in turn.parts) or bool(turn.rest)
    return not says or all(isinstance(part, ThoughtPart) for part in held.parts)


def _item(item: Fields, tools: ToolReader) -> Iterator[Turn]:
    match kind := item.text("type") or "message":
        case "message":
            yield _message(item)
        case "function_call" | "custom_tool_call":
            yield Turn(role="assistant", parts=(_call(item, custom=kind == "custom_tool_call"),))
        case "function_call_output" | "custom_tool_call_output":
            yield Turn(role="tool", parts=(_result(item, custom=kind == "custom_tool_call_output"),))
        case "reasoning":
            yield Turn(role="assistant", parts=tuple(_thoughts(item)))
        case "additional_tools":
            tools.add(item)
        case _:
            role: Role = "assistant" if kind.endswith("_call") else "user"
            yield Turn(role=role, parts=(OpaqueInput(kind=ITEM + kind, raw=item.whole({"type": kind})),))


def _call(item: Fields, *, custom: bool) -> ToolCall:
    group = item.text("namespace")
    return ToolCall(
        id=item.need("call_id", TEXT),
        name=joined(group, item.need("name", TEXT)),
        arguments=wrapped(item.text("input")) if custom else arguments_of(item),
        custom=custom,
        namespace=group,
        rest=item.rest(),
    )


def _result(item: Fields, *, custom: bool) -> ToolResult:
    parts = tuple(_content(item, "output"))
    name = item.text("name")
    return ToolResult(id=item.need("call_id", TEXT), parts=parts, name=name, custom=custom, rest=item.rest())


def _message(item: Fields) -> Turn:
    role = item.need("role", TEXT)
    if role not in ROLES:
        raise wrong_type(item.at("role"), f"It is one of {', '.join(sorted(ROLES))}, not {role!r}")
    return Turn(role=cast("Role", role), parts=tuple(_content(item, "content")), rest=item.rest())


def _content(item: Fields, name: str) -> Iterator[Part]:
    content = item.take(name, TEXT_OR_OBJECTS)
    if isinstance(content, str):
        if content:
            yield TextPart(text=content)
        return
    for index, part in enumerate(content or ()):
        yield _part(Fields(part, f"{item.at(name)}[{index}]"))


def _part(part: Fields) -> Part:
    match kind := part.need("type", TEXT):
        case "input_text" | "output_text" | "text":
            return TextPart(text=part.need("text", TEXT), rest=_told(part.rest()))
        case "refusal":
            return RefusalPart(text=part.need("refusal", TEXT))
        case "input_image":
            return _image(part)
        case "input_file":
            return _file(part)
        case "input_audio":
            sound = part.need_inner("input_audio")
            data, form = sound.need("data", TEXT), sound.text("format") or "wav"
            return AudioPart(data=data, format=form, rest=part.rest_with("input_audio", sound))
        case _:
            return OpaqueInput(kind=kind, raw=part.whole({"type": kind}))


def _told(rest: Object) -> Object:
    """Leave out the lists that answers always have, when there is nothing in them."""
    return {name: raw for name, raw in rest.items() if raw != _EMPTY}


def _image(part: Fields) -> Part:
    """Return a picture; one by the id of an uploaded file is kept as it was written."""
    if file := part.text("file_id"):
        return OpaqueInput(kind="input_image by file", raw=part.whole({"type": "input_image", "file_id": file}))
    url, detail = part.need("image_url", TEXT), part.text("detail")
    media_type, data = split_data_url(url)
    if data:
        return ImagePart(data=data, media_type=media_type, detail=detail, rest=part.rest())
    return ImagePart(url=url, detail=detail, rest=part.rest())


def _file(part: Fields) -> DocumentPart:
    name, held = part.text("filename"), part.text("file_data")
    media_type, data = split_data_url(held)
    return DocumentPart(
        name=name,
        data=data or held,
        url=part.text("file_url"),
        file=part.text("file_id"),
        media_type=media_type or (media_type_of(name) if held else ""),
        citations=cites(part),
        rest=part.rest(),
    )


def _thoughts(item: Fields) -> Iterator[ThoughtPart]:
    """Yield the pieces of one thought; what proves it goes with the last."""
    place = item.text("id")
    summary = [ThoughtPart(text=part.text("text"), id=place, summary=True) for part in item.each("summary")]
    content = [ThoughtPart(text=part.text("text"), id=place) for part in item.each("content")]
    signature, redacted = decrypted(item.text("encrypted_content"))
    *first, last = [*summary, *content] or [ThoughtPart(id=place)]
    yield from first
    yield msgspec.structs.replace(last, signature=signature, redacted=redacted, rest=item.rest())
