"""The shape of a corpus: what each of its tables may hold."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Language = Literal["en", "zh"]
SlotSource = tuple[str | int, ...] | dict[str, int | tuple[int, int]]


class CorpusPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of a corpus; a misspelt key is an error."""


class CorpusEntry(CorpusPart, frozen=True, kw_only=True):
    """One answer and the ways to ask for it: subjects put into the phrasings of a frame, and phrasings of its own.

    A `weight` above one makes it come up more often, as some things do.
    """

    id: str
    frame: str
    weight: int = 1
    en: tuple[str, ...]
    zh: tuple[str, ...]
    more_en: tuple[str, ...] = ()
    more_zh: tuple[str, ...] = ()
    answer_en: str
    answer_zh: str


class RefusalTopic(CorpusPart, frozen=True, kw_only=True):
    """What the model declines, with slots for the many things it may be asked."""

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    answer_en: str
    answer_zh: str


class Intent(CorpusPart, frozen=True, kw_only=True):
    """A request and the JSON object it stands for; `fields` are slots, renamed by `rename`."""

    name: str
    fields: tuple[str, ...]
    rename: dict[str, str] = {}
    en: tuple[str, ...]
    zh: tuple[str, ...]


class Intents(CorpusPart, frozen=True, kw_only=True):
    """All intents, and the ways a caller asks for JSON."""

    system_en: tuple[str, ...]
    system_zh: tuple[str, ...]
    before_en: tuple[str, ...]
    before_zh: tuple[str, ...]
    intent: tuple[Intent, ...]


class Argument(CorpusPart, frozen=True, kw_only=True):
    """A parameter of a tool, under several names, and the value it gets."""

    names: tuple[str, ...]
    value: str
    value_zh: str = ""
    type: Literal["string", "integer"]


class CorpusTool(CorpusPart, frozen=True, kw_only=True):
    """A tool under several names, the requests that call it, what it says and what is made of that."""

    beside_refusals: bool = False
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    arguments: tuple[Argument, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]
    result: str
    answer_en: str
    answer_zh: str


class CorpusFact(CorpusPart, frozen=True, kw_only=True):
    """A sentence about invented things, in one language, and questions it answers."""

    weight: int = 1
    en: str = ""
    zh: str = ""
    ask_en: tuple[str, ...] = ()
    ask_zh: tuple[str, ...] = ()


class Passages(CorpusPart, frozen=True, kw_only=True):
    """Facts, and the ways a caller lays out passages and a question."""

    system_en: tuple[str, ...]
    system_zh: tuple[str, ...]
    layouts_en: tuple[str, ...]
    layouts_zh: tuple[str, ...]
    unknown_en: str
    unknown_zh: str
    fact: tuple[CorpusFact, ...]


class Corpus(CorpusPart, frozen=True, kw_only=True):
    """All a recipe teaches."""

    frames: dict[str, dict[str, tuple[str, ...]]]
    slots: dict[str, SlotSource]
    entries: tuple[CorpusEntry, ...]
    refusals: tuple[RefusalTopic, ...]
    intents: Intents
    tools: tuple[CorpusTool, ...]
    passages: Passages


def parse_corpus(tables: Mapping[str, Mapping[str, object]]) -> Corpus:
    """Return the corpus in *tables* (file stem -> TOML); raise `msgspec.ValidationError` naming what is wrong."""
    special = {"frames", "slots", "intents", "passages"}
    plain = [table for stem, table in sorted(tables.items()) if stem not in special]
    raw: dict[str, object] = {name: tables.get(name, {}) for name in special}
    for plural, key in (("entries", "entry"), ("refusals", "refusal"), ("tools", "tool")):
        raw[plural] = [item for table in plain for item in _items(table.get(key))]
    return msgspec.convert(raw, Corpus)


def _items(value: object) -> list[object]:
    return msgspec.convert(value or [], list[object])
