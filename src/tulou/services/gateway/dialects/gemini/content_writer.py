"""Writes the contents of a conversation."""

from collections.abc import Iterator, Sequence

import msgspec

from tulou.services.gateway.dialects.gemini.thinking import BUDGETED
from tulou.services.gateway.dialects.gemini.words import MAKER
from tulou.services.gateway.dialects.media import media_type_of, split_data_url
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
)
from tulou.services.gateway.dialects.report import Report
from tulou.services.gateway.dialects.seals import unseal

Json = dict[str, object]
SYSTEM = frozenset({"system", "developer"})
UNSIGNED = "the upstream takes back what it signed itself, nothing else"
UNVALIDATED = "skip_thought_signature_validator"
"""What Google's documents give for calls that its newer models did not make: without a signature they are refused."""

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def write_system(report: Report) -> list[object]:
    """Return the parts of the instructions, which stand before the conversation."""
    turns = report.prompt.turns
    parts: list[Part] = []
    for index, turn in enumerate(turns):
        if turn.role in SYSTEM:
            parts.extend(turn.parts)
            report.rest("messages", turn.rest)
            if any(earlier.role not in SYSTEM for earlier in turns[:index]):
                report.drop("messages.role", "instructions within the conversation were moved before it")
    return list(_Writer(report).parts(parts))


def write_contents(report: Report) -> list[object]:
    """Return the turns; those of one side that follow each other become one."""
    contents: list[Json] = []
    writer = _Writer(report)
    for turn in report.prompt.turns:
        if turn.role in SYSTEM:
            continue
        role = "model" if turn.role == "assistant" else "user"
        report.rest("messages", turn.rest)
        parts = list(writer.parts(turn.parts))
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] = [*_listed(contents[-1]["parts"]), *parts]
        elif parts:
            contents.append({"role": role, "parts": parts})
    return [*contents]


def _listed(parts: object) -> list[object]:
    return msgspec.convert(parts, list[object])


class _Writer:
    """Writes parts; results are known by the name of the tool, so it remembers who was called."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._names: dict[str, str] = {}

    def parts(self, parts: Sequence[Part]) -> Iterator[object]:
        """Yield the parts; a thought that is nothing but a signature seals a part that follows it."""
        seals: list[str] = []
        calls = sum(isinstance(part, ToolCall) for part in parts)
        called = False
        for part in parts:
            if isinstance(part, ThoughtPart) and not part.text:
                seals.extend(filter(None, [self._seal(part)]))
                continue
            written = self._part(part)
            if isinstance(part, ToolCall):
                written = [call | self._sealed(seals, first=not called) for call in written]
                called = True
            elif written and seals and (len(seals) > 1 or not calls):
                # Dialects that keep thoughts apart from words lose what a seal belongs to; calls need theirs most.
                written = [written[0] | {"thoughtSignature": seals.pop(0)}, *written[1:]]
            yield from written
        if seals:
            yield {"text": "", "thoughtSignature": seals[-1]}

    def _sealed(self, seals: list[str], *, first: bool) -> Json:
        if seals:
            seal = seals.pop()
            seals.clear()
            return {"thoughtSignature": seal}
        checked = BUDGETED.search(self._report.ability.model) is None
        return {"thoughtSignature": UNVALIDATED} if first and checked else {}

    def _seal(self, part: ThoughtPart) -> str:
        seal = unseal(part.signature, MAKER) or unseal(part.redacted, MAKER)
        if not seal:
            self._report.drop("messages.thinking", UNSIGNED)
        return seal

    def _part(self, part: Part) -> list[Json]:
        self._tell(part)
        match part:
            case TextPart() | RefusalPart():
                return [{"text": part.text}] if part.text else []
            case ThoughtPart():
                seal = self._seal(part)
                return [{"text": part.text, "thought": True, "thoughtSignature": seal}] if seal else []
            case ToolCall():
                return [self._call(part)]
            case ToolResult():
                return [self._result(part)]
            case _:
                return [self._seen(part)]

    def _seen(self, part: ImagePart | AudioPart | DocumentPart | OpaqueInput) -> Json:
        match part:
            case ImagePart():
                return _picture(part)
            case AudioPart():
                return _inline(f"audio/{part.format}", part.data)
            case DocumentPart():
                return self._document(part)
            case OpaqueInput():
                raise self._report.refuse("messages", f"does not understand parts of the kind {part.kind!r}")

    def _tell(self, part: Part) -> None:
        if isinstance(part, TextPart | ImagePart | DocumentPart | ToolCall | ToolResult):
            self._report.mark(part.cached, "messages")
        if not isinstance(part, RefusalPart | OpaqueInput):
            self._report.rest("messages", part.rest)

    def _call(self, part: ToolCall) -> Json:
        self._names[part.id] = part.name
        return {"functionCall": {"id": part.id, "name": part.name, "args": self._arguments(part.arguments)}}

    def _arguments(self, arguments: str) -> object:
        try:
            _OBJECT.decode(arguments or "{}")
        except msgspec.MsgspecError:
            self._report.drop("messages.tool_calls", "arguments that are no JSON object were wrapped into one")
            return {"arguments": arguments}
        return msgspec.Raw((arguments or "{}").encode())

    def _result(self, part: ToolResult) -> Json:
        name = part.name or self._names.get(part.id)
        if name is None:
            raise self._report.refuse(
                "messages", f"needs to know which tool was called as {part.id!r}: no turn says so"
            )
        text = "".join(inner.text for inner in part.parts if isinstance(inner, TextPart))
        response: Json = {"id": part.id, "name": name, "response": _response(text, failed=part.failed)}
        seen = [written for inner in part.parts if not isinstance(inner, TextPart) for written in self._part(inner)]
        return {"functionResponse": response | {"parts": seen} if seen else response}

    def _document(self, part: DocumentPart) -> Json:
        if part.file:
            raise self._report.refuse("messages", f"does not know the uploaded file {part.file!r}; send it in base64")
        media_type = part.media_type or media_type_of(part.name or part.url)
        if part.url:
            return {"fileData": {"fileUri": part.url, "mimeType": media_type}}
        return _inline(media_type, part.data)


def _picture(part: ImagePart) -> Json:
    media_type, data = (part.media_type, part.data) if part.data else split_data_url(part.url)
    if data:
        return _inline(media_type or "image/png", data)
    return {"fileData": {"fileUri": part.url, "mimeType": part.media_type or _image_type(part.url)}}


def _image_type(url: str) -> str:
    end = url.partition("?")[0].rpartition(".")[2].lower()
    return {"png": "image/png", "gif": "image/gif", "webp": "image/webp"}.get(end, "image/jpeg")


def _inline(media_type: str, data: str) -> Json:
    return {"inlineData": {"mimeType": media_type, "data": data}}


def _response(text: str, *, failed: bool) -> object:
    """Return a result as the object that it must be."""
    if failed:
        return {"error": text}
    try:
        return _OBJECT.decode(text)
    except msgspec.MsgspecError:
        return {"result": text}
