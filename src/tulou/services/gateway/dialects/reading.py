"""Reads requests field by field, so that an error names its place and nothing that was sent is lost from sight."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from tulou.services.gateway.refusals import MalformedError, WrongTypeError

T = TypeVar("T")
Object = dict[str, msgspec.Raw]

TEXT = msgspec.json.Decoder[str | None](str | None)
TEXTS = msgspec.json.Decoder[list[str] | None](list[str] | None)
TEXT_OR_TEXTS = msgspec.json.Decoder[str | list[str] | None](str | list[str] | None)
WHOLE = msgspec.json.Decoder[int | None](int | None)
NUMBER = msgspec.json.Decoder[float | None](float | None)
TRUTH = msgspec.json.Decoder[bool | None](bool | None)
OBJECT = msgspec.json.Decoder[Object | None](Object | None)
OBJECTS = msgspec.json.Decoder[list[Object] | None](list[Object] | None)
TEXT_OR_OBJECT = msgspec.json.Decoder[str | Object | None](str | Object | None)
TEXT_OR_OBJECTS = msgspec.json.Decoder[str | list[Object] | None](str | list[Object] | None)

_PLACE = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|([^.\[\]]+)")
_NULL = msgspec.Raw(b"null")
NOTHING = msgspec.Raw()
"""What an answer's field of any shape is when it is absent: msgspec knows no `Raw | None`."""


ANSWERS_CAP = 128
"""Answers to one request, as OpenAI caps `n`."""


def cites(document: "Fields") -> bool | None:
    """Return whether a document is to be cited, as Anthropic's dialect says it and others may."""
    asked = document.inner("citations")
    return None if asked is None else asked.take("enabled", TRUTH) is True


def arguments_of(call: "Fields") -> str:
    """Return the arguments of an earlier call, an empty object where some clients send no text at all."""
    arguments = call.text("arguments")
    return arguments if arguments and not arguments.isspace() else "{}"


def counted(fields: "Fields", name: str) -> int:
    """Return how many are wanted, 1 when it is not said; raise `WrongTypeError` for none, and for too many."""
    wanted = fields.take(name, WHOLE)
    if wanted is not None and not 1 <= wanted <= ANSWERS_CAP:
        raise wrong_type(fields.at(name), f"It is 1 to {ANSWERS_CAP}, not {wanted}")
    return wanted or 1


class Fields:
    """The fields of one JSON object. Each is taken once; what is left was not understood."""

    __slots__ = ("_left", "place")

    def __init__(self, fields: Object, place: str = "") -> None:
        self._left = fields
        self.place = place

    def take(self, name: str, decoder: msgspec.json.Decoder[T]) -> T | None:
        """Return a field, None when it is absent or null; raise `WrongTypeError` for another type."""
        raw = self._left.pop(name, None)
        if raw is None:
            return None
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise wrong_type(self.at(name), str(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedError(f"{self.at(name)} is not JSON: {error}", param=self.at(name)) from error

    def need(self, name: str, decoder: msgspec.json.Decoder[T | None]) -> T:
        """Return a field that must be there."""
        value = self.take(name, decoder)
        if value is None:
            raise wrong_type(self.at(name), "It is missing")
        return value

    def text(self, name: str) -> str:
        """Return a text, empty when it is absent."""
        return self.take(name, TEXT) or ""

    def inner(self, name: str) -> "Fields | None":
        """Return the fields of an object in this one."""
        value = self.take(name, OBJECT)
        return None if value is None else Fields(value, self.at(name))

    def each(self, name: str) -> "Iterator[Fields]":
        """Yield the objects of an array, none when it is absent."""
        for index, value in enumerate(self.take(name, OBJECTS) or ()):
            yield Fields(value, f"{self.at(name)}[{index}]")

    def raw(self, name: str) -> msgspec.Raw | None:
        """Return a field as it was written, None when it is absent or null."""
        return present(self._left.pop(name, NOTHING))

    def at(self, name: str) -> str:
        """Return the place of a field, as the error calls it."""
        return f"{self.place}.{name}" if self.place else name

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def need_inner(self, name: str) -> "Fields":
        """Return the fields of an object that must be in this one."""
        inner = self.inner(name)
        if inner is None:
            raise wrong_type(self.at(name), "It is missing")
        return inner

    def whole(self, taken: Mapping[str, object]) -> msgspec.Raw:
        """Return what was taken and what is left as one object, for what is passed on as it came."""
        return msgspec.Raw(msgspec.json.encode({**taken, **self._left}))

    def rest(self) -> Object:
        """Return what nobody took, without what is null."""
        left = self._left
        return {name: raw for name, raw in left.items() if raw != _NULL} if left else left

    def unread(self) -> tuple[str, ...]:
        """Return the places of what nobody took, without what is null."""
        return tuple(self.at(name) for name in self.rest())

    def rest_with(self, name: str, inner: "Fields") -> Object:
        """Return what nobody took here and in an object in here, the latter by names with a dot."""
        below = {f"{name}.{field}": raw for field, raw in inner.rest().items()}
        return {**self.rest(), **below} if below else self.rest()


def present(raw: msgspec.Raw) -> msgspec.Raw | None:
    """Return a field as it was written, None when it is absent or null."""
    return raw if raw and raw != _NULL else None


def read_object(body: bytes) -> Fields:
    """Return the fields of a request; raise `MalformedError` when it is no JSON object."""
    try:
        if not body.isascii():
            body.decode()  # nobody else looks at what is passed on as it was written
        return Fields(msgspec.json.decode(body, type=Object))
    except msgspec.ValidationError as error:
        raise wrong_type("", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"the body is not JSON: {error}") from error


def wrong_type(place: str, words: str) -> WrongTypeError:
    """Return the error for a field, from what msgspec says of it."""
    found = _PLACE.search(words)
    path = (place + found[1]).removeprefix(".") if found else place
    pointer = "".join(f"/{number or name}" for number, name in _STEP.findall(path))
    said = _PLACE.sub("", words)
    return WrongTypeError(f"{path or 'the body'}: {said[:1].lower()}{said[1:]}", param=path or None, pointer=pointer)
