"""What a generating request asks, whatever dialect it came in.

`rest` of a part, a turn or a tool holds its fields that have no place here, as they were written: a dialect of the same
family passes them on, any other reports them as dropped. Signatures of thoughts are kept with the name of who made
them (`seals.py`), so that no vendor is sent another's.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

Role = Literal["system", "developer", "user", "assistant", "tool"]
Fields = Mapping[str, msgspec.Raw]


class CacheMark(msgspec.Struct, frozen=True):
    """A mark that what comes before may be cached by the upstream; `raw` is the mark as the client wrote it."""

    raw: msgspec.Raw


class TextPart(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Words."""

    text: str
    cached: CacheMark | None = None
    rest: Fields = {}


class ImagePart(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A picture: its URL, or its bytes in base64 with their media type."""

    url: str = ""
    data: str = ""
    media_type: str = ""
    detail: str = ""
    cached: CacheMark | None = None
    rest: Fields = {}


class AudioPart(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A sound in base64; `format` as OpenAI names it (`wav`, `mp3`)."""

    data: str
    format: str
    rest: Fields = {}


class DocumentPart(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A document: its bytes in base64, its URL, or the id of an uploaded file; `citations`: is it to be cited."""

    name: str = ""
    data: str = ""
    url: str = ""
    file: str = ""
    media_type: str = ""
    citations: bool | None = None
    cached: CacheMark | None = None
    rest: Fields = {}


class ToolCall(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The model's wish to call a tool; `arguments` is JSON text, also of a `custom` tool (`custom_input.py`).

    A tool of a group is called by the name that it has outside of it (`toolbox.py`), `namespace` is the group's.
    """

    id: str
    name: str
    arguments: str
    custom: bool = False
    namespace: str = ""
    cached: CacheMark | None = None
    rest: Fields = {}


class ToolResult(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What a tool answered to the call of this id; `custom`: it is known to be one that takes a text as it is."""

    id: str
    parts: tuple["Part", ...]
    failed: bool = False
    name: str = ""
    custom: bool = False
    cached: CacheMark | None = None
    rest: Fields = {}


class ThoughtPart(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Reasoning that the model wrote before; `signature` proves it to its maker, `redacted` is for its maker alone.

    `summary` says that it is not the reasoning itself; thoughts of one `id` were one thought in several pieces.
    """

    text: str = ""
    signature: str = ""
    redacted: str = ""
    id: str = ""
    summary: bool = False
    rest: Fields = {}


class RefusalPart(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The model's words for not answering."""

    text: str


class OpaqueInput(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A part that only dialects of its own family understand, as it was written; any other refuses it."""

    kind: str
    raw: msgspec.Raw


Part = TextPart | ImagePart | AudioPart | DocumentPart | ToolCall | ToolResult | ThoughtPart | RefusalPart | OpaqueInput


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one side said."""

    role: Role
    parts: tuple[Part, ...]
    name: str = ""
    rest: Fields = {}


class Grammar(msgspec.Struct, frozen=True, kw_only=True):
    """What the input of a custom tool must look like, in `lark` or `regex`."""

    syntax: str
    definition: str


class Namespace(msgspec.Struct, frozen=True, kw_only=True):
    """A group of tools."""

    name: str
    description: str = ""
    rest: Fields = {}


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A function that may be called, its parameters as JSON Schema; `strict` asks that arguments fit it exactly.

    A `custom` one takes a text as it is instead. `name` is unique among all tools, those of groups included.
    """

    name: str
    description: str = ""
    parameters: msgspec.Raw | None = None
    strict: bool | None = None
    custom: bool = False
    grammar: Grammar | None = None
    namespace: Namespace | None = None
    cached: CacheMark | None = None
    rest: Fields = {}


class ToolChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Whether tools may or must be called; `names` narrows to some of them."""

    mode: Literal["auto", "none", "required"]
    names: tuple[str, ...] = ()


class AnswerShape(msgspec.Struct, frozen=True, kw_only=True):
    """The shape that the answer must have: free JSON, or JSON after a schema."""

    kind: Literal["json_object", "json_schema"]
    name: str = ""
    schema: msgspec.Raw | None = None
    strict: bool | None = None
    description: str = ""


class Reasoning(msgspec.Struct, frozen=True, kw_only=True):
    """How much to think: an effort, a cap in tokens, or not at all."""

    effort: str = ""
    budget: int | None = None
    summary: str = ""
    off: bool = False
    rest: Fields = {}


CappedBy = Literal["client", "deployment", "limit"]
"""Who caps the output: the client, else a deployment's default, or what a limit of the house has for the answer."""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """A whole request. What is None or empty was not asked.

    `extra` holds fields that have no place here, as they were written: a dialect of the same `family` passes them on,
    any other must report them as dropped, and refuse those of them that are `essential`: without these the answer would
    be wrong. Those that are `settled` need no word: their wish is in another field, or the gate grants it itself.
    `hosted` are tools that only the vendor itself can run, as written. `unread` are the places of fields within others
    that no dialect has a place for, its own neither. `capped_by` is who said `max_tokens`.
    """

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tools: bool | None = None
    hosted: tuple[msgspec.Raw, ...] = ()
    max_tokens: int | None = None
    capped_by: CappedBy = "client"
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    n: int = 1
    logprobs: int | None = None
    shape: AnswerShape | None = None
    reasoning: Reasoning | None = None
    verbosity: str = ""
    stream: bool = False
    usage_in_stream: bool = False
    user: str = ""
    metadata: Fields = {}
    extra: Fields = {}
    essential: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    family: str = ""
