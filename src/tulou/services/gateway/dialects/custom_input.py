"""Tools that take one text as it is, which OpenAI's dialects call custom; elsewhere each is a function of one string.

Inside the gate the arguments of such a call are the JSON text `{"input": "..."}`, like those of that function.
"""

import json
import re

import msgspec

PARAMETERS = msgspec.Raw(
    b'{"type":"object","properties":{"input":{"type":"string","description":"The whole input of the tool, as it is."}},'
    b'"required":["input"],"additionalProperties":false}'
)
OPENED = '{"input":"'
CLOSED = '"}'

_OPENING = re.compile(r'\s*\{\s*"input"\s*:\s*"')
_OPENING_MOST = 256
"""Characters in which a text has begun, or never will."""
_LOW = r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_UNIT = re.compile(
    rf'[^"\\]+|\\u(?:[dD][89abAB][0-9a-fA-F]{{2}}(?:{_LOW})|(?![dD][89abAB])[0-9a-fA-F]{{4}})|\\[^u]', re.DOTALL
)
_BROKEN = re.compile(r"\\u[0-9a-fA-F]{0,4}")
"""Half of a character, or an escape that was cut off."""

_LONGEST_UNIT = 12
"""Two escaped halves of one character."""

_FIELDS = msgspec.json.Decoder(dict[str, object])


def escaped(text: str) -> str:
    """Return a piece of the text as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def wrapped(text: str) -> str:
    """Return the arguments of a call with this text."""
    return f"{OPENED}{escaped(text)}{CLOSED}"


def unwrapped(arguments: str) -> str:
    """Return the text that a call has for arguments."""
    reader = InputReader()
    return reader.feed(arguments) + reader.end()


class InputReader:
    """Reads the text out of the arguments' JSON as its pieces come, cut anywhere.

    Models write what they like: arguments of another shape show at the end, the only string among them if there is one.
    """

    __slots__ = ("_held", "_open", "_other", "_over")

    def __init__(self) -> None:
        self._held = ""
        self._other: list[str] = []  # pieces of what has another shape
        self._open = False
        self._over = False

    def feed(self, arguments: str) -> str:
        """Return what of the text is known by now and was not before."""
        if self._over:
            return ""
        if self._other:
            self._other.append(arguments)
            return ""
        self._held += arguments
        if not self._open:
            opening = _OPENING.match(self._held)
            if opening is None:
                if len(self._held) > _OPENING_MOST:
                    self._other.append(self._held)
                return ""
            self._open = True
            self._held = self._held[opening.end() :]
        return "".join(self._units(whole=False))

    def end(self) -> str:
        """Return what is left of the text."""
        if self._over:
            return ""
        text = "".join(self._units(whole=True)) if self._open else _only_text("".join(self._other) or self._held)
        self._over = True
        self._held = ""
        return text

    def _units(self, *, whole: bool) -> list[str]:
        """Take whole characters off what is held, up to the closing quote."""
        found: list[str] = []
        at = 0
        while at < len(self._held):
            if self._held[at] == '"':
                self._over = True
                self._held = ""
                return found
            unit = _UNIT.match(self._held, at)
            if unit is not None:
                found.append(_plain(unit[0]))
                at = unit.end()
            elif whole or len(self._held) - at >= _LONGEST_UNIT:
                broken = _BROKEN.match(self._held, at)
                found.append("\N{REPLACEMENT CHARACTER}")
                at = broken.end() if broken is not None else at + 1
            else:
                break
        self._held = self._held[at:]
        return found


def _plain(unit: str) -> str:
    if not unit.startswith("\\"):
        return unit
    try:
        return json.loads(f'"{unit}"')
    except ValueError:
        return unit


def _only_text(arguments: str) -> str:
    try:
        fields = _FIELDS.decode(arguments)
    except msgspec.MsgspecError:
        return arguments
    texts = [value for value in fields.values() if isinstance(value, str)]
    if not fields:
        return ""
    return texts[0] if len(texts) == 1 else arguments
