"""Reads one message of a conversation."""

from collections.abc import Iterator
from typing import cast, get_args

import msgspec

from tulou.services.gateway.dialects.custom_input import wrapped
from tulou.services.gateway.dialects.media import media_type_of, split_data_url
from tulou.services.gateway.dialects.openai_chat.words import MAKER
from tulou.services.gateway.dialects.prompt import (
    AudioPart,
    CacheMark,
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
    TEXT_OR_OBJECT,
    TEXT_OR_OBJECTS,
    Fields,
    arguments_of,
    cites,
    wrong_type,
)
from tulou.services.gateway.dialects.seals import given

ROLES = frozenset(get_args(Role))


def read_message(message: Fields) -> Turn:
    """Return one turn; a message in the old manner of functions is kept as it was written."""
    role = message.need("role", TEXT)
    if role == "function":
        whole = message.whole({"role": role})
        return Turn(role="tool", parts=(OpaqueInput(kind="message of the role function", raw=whole),))
    if role not in ROLES:
        raise wrong_type(message.at("role"), f"It is one of {', '.join(sorted(ROLES))}, not {role!r}")
    content = tuple(_content(message))
    if role == "tool":
        parts: tuple[Part, ...] = (_result(message, content),)
    elif role == "assistant":
        parts = (*_thoughts(message), *content, *_said_besides(message))
    else:
        parts = content
    return Turn(role=cast("Role", role), parts=parts, name=message.text("name"), rest=message.rest())


def _content(message: Fields) -> Iterator[Part]:
    content = message.take("content", TEXT_OR_OBJECTS)
    if isinstance(content, str):
        if content:
            yield TextPart(text=content)
        return
    place = message.at("content")
    for index, part in enumerate(content or ()):
        yield _part(Fields(part, f"{place}[{index}]"))


def _part(part: Fields) -> Part:
    match kind := part.need("type", TEXT):
        case "text":
            return TextPart(text=part.need("text", TEXT), cached=_mark(part), rest=part.rest())
        case "refusal":
            return RefusalPart(text=part.need("refusal", TEXT))
        case "image_url":
            return _image(part)
        case "input_audio":
            sound = part.need_inner("input_audio")
            data, form = sound.need("data", TEXT), sound.text("format") or "wav"
            return AudioPart(data=data, format=form, rest=part.rest_with("input_audio", sound))
        case "file":
            return _file(part)
        case _:
            return OpaqueInput(kind=kind, raw=part.whole({"type": kind}))


def _image(part: Fields) -> ImagePart:
    image = part.take("image_url", TEXT_OR_OBJECT)
    fields = Fields({} if image is None or isinstance(image, str) else image, part.at("image_url"))
    url = image if isinstance(image, str) else fields.need("url", TEXT)
    media_type, data = split_data_url(url)
    detail, mark = fields.text("detail"), _mark(part)
    rest = part.rest_with("image_url", fields)
    if data:
        return ImagePart(data=data, media_type=media_type, detail=detail, cached=mark, rest=rest)
    return ImagePart(url=url, detail=detail, cached=mark, rest=rest)


def _file(part: Fields) -> DocumentPart:
    file = part.need_inner("file")
    name, held = file.text("filename"), file.text("file_data")
    media_type, data = split_data_url(held)
    return DocumentPart(
        name=name,
        data=data or held,
        file=file.text("file_id"),
        media_type=media_type or (media_type_of(name) if held else ""),
        citations=cites(file) if "citations" in file else cites(part),
        cached=_mark(part),
        rest=part.rest_with("file", file),
    )


def _result(message: Fields, content: tuple[Part, ...]) -> ToolResult:
    mark = _mark(message)
    return ToolResult(id=message.need("tool_call_id", TEXT), parts=content, name=message.text("name"), cached=mark)


def _thoughts(message: Fields) -> Iterator[ThoughtPart]:
    """Yield earlier reasoning; where details came, the plain field says the same again."""
    plain = message.text("reasoning_content")
    plain = message.text("reasoning") or plain
    details = tuple(_detail(detail) for detail in message.each("reasoning_details"))
    match details:
        case (ThoughtPart(text="", redacted="") as only,) if only.signature and plain:
            yield msgspec.structs.replace(only, text=plain)  # put together from a stream that gave its words apart
        case (_, *_):
            yield from details
        case _:
            pass
    if details:
        return
    if plain:
        yield ThoughtPart(text=plain)


def _detail(detail: Fields) -> ThoughtPart:
    kind = detail.text("type")
    return ThoughtPart(
        text=detail.text("text") or detail.text("summary"),
        signature=given(signature, MAKER) if (signature := detail.text("signature")) else "",
        redacted=given(data, MAKER) if (data := detail.text("data")) else "",
        id=detail.text("id"),
        summary=kind == "reasoning.summary",
        rest=detail.rest(),
    )


def _said_besides(message: Fields) -> Iterator[Part]:
    if refusal := message.text("refusal"):
        yield RefusalPart(text=refusal)
    for call in message.each("tool_calls"):
        yield _call(call)
    for name in ("function_call", "audio"):
        raw = message.raw(name)
        if raw is not None:
            yield OpaqueInput(kind=name, raw=raw)


def _call(call: Fields) -> Part:
    kind = call.text("type") or "function"
    if kind not in {"function", "custom"}:
        return OpaqueInput(kind=f"{kind} tool call", raw=call.whole({"type": kind}))
    inner = call.need_inner(kind)
    call.raw("index")  # some clients send back the piece of a stream
    return ToolCall(
        id=call.text("id"),
        name=inner.need("name", TEXT),
        arguments=wrapped(inner.text("input")) if kind == "custom" else arguments_of(inner),
        custom=kind == "custom",
        cached=_mark(call),
        rest=call.rest_with(kind, inner),
    )


def _mark(part: Fields) -> CacheMark | None:
    raw = part.raw("cache_control")
    return None if raw is None else CacheMark(raw=raw)
