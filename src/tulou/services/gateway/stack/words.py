"""What a vendor or an engine says in an error, read with suspicion: bounded, printable, of the right types."""

import re
from collections.abc import Iterator
from typing import NamedTuple, cast

import msgspec

from tulou.services.gateway.dialects.errors import number_text
from tulou.services.gateway.stack.waits import wait_in, wait_of

QUOTA_NAMES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
"""Names of errors of an account that has nothing left; OpenAI says so with 429, and no short rest mends it."""

MESSAGE = 500
"""Characters of an upstream's message that are repeated."""

NAME = 100
DETAILS = 20

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class VendorWords(NamedTuple):
    """Message and code, both empty where there are none; `names` are all words by which the error is called."""

    message: str = ""
    code: str = ""
    names: frozenset[str] = frozenset()
    retry_after_s: float | None = None

    @property
    def exhausted(self) -> bool:
        """Whether the account has nothing left, whatever is asked."""
        return not QUOTA_NAMES.isdisjoint(self.names)

    def __str__(self) -> str:
        """Return both for people: `message (code)`."""
        return f"{self.message} ({self.code})" if self.message and self.code else self.message or self.code


NOTHING = VendorWords()


class _Fault(msgspec.Struct):
    message: object = None
    type: object = None
    code: object = None
    status: object = None
    details: object = None


class _Body(msgspec.Struct):
    error: _Fault | str | None = None
    message: object = None
    capital: object = msgspec.field(name="Message", default=None)
    code: object = None
    type: object = None
    kind: object = msgspec.field(name="__type", default=None)
    detail: object = None


_BODY = msgspec.json.Decoder(_Body)
_BODIES = msgspec.json.Decoder(list[_Body])
"""Gemini says an error of a stream as a list of one."""


def read_words(body: bytes, header: bytes = b"") -> VendorWords:
    """Return what an error's body says, whatever the vendor; `header` is AWS's name of the error. Never raise."""
    named = header.decode("latin-1").partition(":")[0]
    try:
        found = (_BODIES.decode(body) or [_Body()])[0] if body.lstrip()[:1] == b"[" else _BODY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = body[: 4 * MESSAGE].decode("utf-8", "replace")
        message = "" if text.lstrip().startswith("<") else clean(text)
        return VendorWords(message, named, frozenset((named,) if named else ()), wait_in(message))
    fault = found.error if isinstance(found.error, _Fault) else _Fault(message=found.error)
    said = (fault.message, found.message, found.capital, found.detail)
    kind = found.kind.rpartition("#")[2] if isinstance(found.kind, str) else ""
    details = tuple(_details(fault.details))
    words = [fault.code, found.code, fault.status, fault.type, found.type, named, kind]
    names = [name for name in map(_name, [*words, *(detail.get("reason") for detail in details)]) if name]
    message = next((clean(one) for one in said if isinstance(one, str) and one), "")
    delay = next((wait for wait in map(_delay, details) if wait is not None), None)
    return VendorWords(
        message=message,
        code=names[0] if names else number_text(fault.code) or number_text(found.code),
        names=frozenset(names),
        retry_after_s=wait_in(message) if delay is None else delay,
    )


def clean(text: str) -> str:
    """Return a text on one line, without what cannot be seen, cut where it is long."""
    line = _UNPRINTABLE.sub(" ", text[: 4 * MESSAGE]).strip()
    return line if len(line) <= MESSAGE else f"{line[:MESSAGE]}..."


def _details(given: object) -> Iterator[dict[str, object]]:
    """Yield Google's `ErrorInfo`, `RetryInfo` and such."""
    if isinstance(given, list):
        for detail in given[:DETAILS]:  # pyright: ignore[reportUnknownVariableType] - of any JSON
            if isinstance(detail, dict):
                yield detail  # pyright: ignore[reportUnknownVariableType] - JSON's keys are texts


def _delay(detail: dict[str, object]) -> float | None:
    """Return the seconds of `retryDelay`, which is written as `17s`, or as an object of seconds and nanoseconds."""
    delay = detail.get("retryDelay")
    if isinstance(delay, dict):
        delay = cast("dict[str, object]", delay).get("seconds")
    return wait_of(str(delay), now=0.0) if isinstance(delay, str | int) else None


def _name(said: object) -> str:
    """Return a word that may be a code; numbers mostly repeat the status."""
    return clean(said)[:NAME] if isinstance(said, str) and not said.isdigit() else ""
