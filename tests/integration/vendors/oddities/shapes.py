"""Oddities of JSON: values of other types, missing and doubled ones, counts that cannot be."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

import msgspec

from tests.integration.vendors.oddities.answer import Edit, Good, Wire, answer
from tests.integration.vendors.oddities.oddity import Oddity, Outcome
from tulou.contracts.discovery.messages import UpstreamDialect

MAIN: Mapping[UpstreamDialect, tuple[str, ...]] = MappingProxyType(
    {
        "openai": ("choices",),
        "responses": ("output", "item", "part"),
        "anthropic": ("content", "content_block", "delta"),
        "gemini": ("candidates",),
        "bedrock": ("output", "delta"),
    }
)
"""Where an object has what matters."""

USAGE = frozenset({"usage", "usageMetadata"})
IDS = frozenset({"id", "responseId", "item_id"})
FINISH = frozenset({"finish_reason", "stop_reason", "stopReason", "finishReason", "status"})
WORDS = frozenset({"hello", "hel", "lo"})
DEEP = b'{"a":' * 3_000 + b"1" + b"}" * 3_000

Values = Mapping[str, object]
"""What is put in the place of something, by name; `...` takes it away."""

MAINS: Values = {"null": None, "empty": [], "number": 7, "text": "x", "object": {}, "list": [None]}
NAMES: Values = {"missing": ..., "null": None, "number": 7, "long": "x" * 100_000}
FINISHES: Values = {"missing": ..., "null": None, "unknown": "odd", "number": 7, "list": []}
TEXTS: Values = {"null": None, "number": 7, "list": ["x"], "object": {"a": 1}, "nul": "a\0b"}
USAGES: Values = {"missing": ..., "null": None, "empty": {}, "text": "many", "list": [1, 2]}
NUMBERS: Values = {
    "zero": 0,
    "negative": -5,
    "huge": 10**30,
    "large": 2**53,
    "fraction": 1.5,
    "text": "7",
    "null": None,
    "truth": True,
    "nested": {"value": 7},
}


def shapes() -> Iterator[Oddity]:
    """Yield answers whose JSON is none, or is of other types than the dialect has it."""
    for name, body in (
        ("null", b"null"),
        ("array", b"[]"),
        ("number", b"42"),
        ("text", b'"hello"'),
        ("object", b"{}"),
        ("nothing", b""),
        ("blank", b" \n "),
        ("html", b"<html>hello</html>"),
        ("cut", b'{"id":"x","cho'),
        ("deep", DEEP),
        ("not-a-number", b'{"a":NaN}'),
        ("error-text", b'{"error":"no"}'),
        ("error-number", b'{"error":7}'),
        ("error-list", b'[{"error":{"code":503,"message":"no"}}]'),
        ("error-type", b'{"type":"error","error":{"type":"overloaded_error","message":"no"}}'),
    ):
        outcome: Outcome = "either" if name in ("object", "error-number") else "failed"
        yield Oddity(f"json-{name}", "shape", lambda good, body=body: _said(good, body), outcome, binary=False)
    yield Oddity("json-twice", "shape", lambda good: answer(good.body * 2, good.kind), "either", streams=False)
    yield Oddity("json-and-more", "shape", lambda good: answer(good.body + b"}}", good.kind), "failed", streams=False)
    yield Oddity("json-spaced", "shape", lambda good: answer(b"\n\n " + good.body + b"\n", good.kind), streams=False)
    for name, value in MAINS.items():
        yield _edited(f"main-{name}", "shape", lambda dialect, value=value: _main(dialect, value))
    for name, value in NAMES.items():
        yield _edited(f"ids-{name}", "shape", lambda _, value=value: _replaced(IDS, value))
    for name, value in FINISHES.items():
        yield _edited(f"finish-{name}", "shape", lambda _, value=value: _replaced(FINISH, value))
    for name, value in TEXTS.items():
        yield _edited(f"words-{name}", "shape", lambda _, value=value: _worded(value))
    yield _edited("words-long", "shape", lambda _: _worded("x" * 1_000_000))
    yield _edited("words-wide", "shape", lambda _: _worded("é\u2028\U0001f600"))
    for name, raw in (("half-a-pair", b'"\\ud800"'), ("control", b'"\x01"'), ("escape", b'"\\x"')):
        yield _raw(f"words-{name}", raw)
    yield _edited("unknown-fields", "shape", lambda _: _with({"odd": {"very": ["odd"]}}), "answered")
    yield _edited("fields-doubled", "shape", lambda _: _doubled, "either")


def counts() -> Iterator[Oddity]:
    """Yield counts of tokens that are missing, cannot be, or stand in another place."""
    for name, value in USAGES.items():
        yield _edited(f"usage-{name}", "counts", lambda _, value=value: _replaced(USAGE, value))
    for name, value in NUMBERS.items():
        yield _edited(f"counts-{name}", "counts", lambda _, value=value: _counted(value))
    yield _edited("usage-beside", "counts", lambda _: _with({"usage": {"odd": 1}, "usageMetadata": {"odd": 1}}))
    yield _edited("usage-nested", "counts", lambda _: _replaced(USAGE, {"usage": {"total_tokens": 10}}))
    infinite = {b"7": b"1e999", b"5": b"1e999", b"3": b"1e999"}
    yield Oddity("counts-infinite", "counts", lambda good: _numbers(good, infinite), "either", binary=False)


def _edited(name: str, kind: Any, edit: Callable[[UpstreamDialect], Edit], outcome: Outcome = "either") -> Oddity:
    return Oddity(name, kind, lambda good: answer(good.edited(edit(good.speech.dialect)), good.kind), outcome)


def _raw(name: str, raw: bytes) -> Oddity:
    def make(good: Good) -> Wire:
        body = good.body
        for word in WORDS:
            body = body.replace(b'"%b"' % word.encode(), raw)
        return answer(body, good.kind)

    return Oddity(name, "shape", make, "either", binary=False)


def _said(good: Good, body: bytes) -> Wire:
    return answer(b"data: %b\n\n" % body if good.stream else body, good.kind)


def _main(dialect: UpstreamDialect, value: object) -> Edit:
    def edit(said: dict[str, Any]) -> Any:
        return {name: value if name in MAIN[dialect] else inner for name, inner in said.items()}

    return edit


def _replaced(names: frozenset[str], value: object) -> Edit:
    """Put a value wherever a name stands; `...` takes it away."""

    def edit(said: Any) -> Any:
        if isinstance(said, list):
            return [edit(inner) for inner in cast("list[Any]", said)]
        if not isinstance(said, dict):
            return said
        fields = cast("dict[str, Any]", said)
        return {
            name: value if name in names else edit(inner)
            for name, inner in fields.items()
            if name not in names or value is not ...
        }

    return edit


def _worded(value: object) -> Edit:
    """Put a value in the place of each piece of the text."""

    def edit(said: Any) -> Any:
        if isinstance(said, list):
            return [edit(inner) for inner in cast("list[Any]", said)]
        if isinstance(said, dict):
            return {name: edit(inner) for name, inner in cast("dict[str, Any]", said).items()}
        return value if isinstance(said, str) and said in WORDS else said

    return edit


def _counted(value: object) -> Edit:
    """Put a value in the place of each number of the counts."""

    def within(said: Any) -> Any:
        if isinstance(said, dict):
            return {name: within(inner) for name, inner in cast("dict[str, Any]", said).items()}
        return encoded_number(value) if isinstance(said, int) else said

    def edit(said: Any) -> Any:
        if isinstance(said, list):
            return [edit(inner) for inner in cast("list[Any]", said)]
        if not isinstance(said, dict):
            return said
        fields = cast("dict[str, Any]", said)
        return {name: within(inner) if name in USAGE else edit(inner) for name, inner in fields.items()}

    return edit


def encoded_number(value: object) -> object:
    """Return a value that JSON can be written of; whole numbers of any size are written as they are."""
    return msgspec.Raw(str(value).encode()) if isinstance(value, int) and not isinstance(value, bool) else value


def _with(more: dict[str, Any]) -> Edit:
    return lambda said: more | said


def _doubled(said: dict[str, Any]) -> Any:
    text = msgspec.json.encode(said)
    return text[:-1] + b"," + text[1:] if len(text) > len(b"{}") else text


def _numbers(good: Good, numbers: Mapping[bytes, bytes]) -> Wire:
    body = good.body
    for number, other in numbers.items():
        body = body.replace(b":%b," % number, b":%b," % other)
    return answer(body, good.kind)
