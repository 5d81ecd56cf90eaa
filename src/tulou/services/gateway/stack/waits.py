"""How long a vendor asks to wait: one reader of all the ways in which vendors say it, in headers and in words.

`retry-after` is RFC 9110's (seconds or a date), `retry-after-ms` OpenAI's and Azure's, `x-ratelimit-reset-*` OpenAI's
and Groq's (durations as Go writes them), `anthropic-ratelimit-*-reset` a time, `x-ratelimit-reset` OpenRouter's one in
milliseconds.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tulou.chassis.http.exchange import Exchange
from tulou.kernel.numbers import bounded_wait, read_number

TEXT_CAP = 64
"""Characters that a duration or a date may have; the words of a message may be longer."""

WORDS_CAP = 2_000
LIMITED = 429
EPOCH_S, EPOCH_MS = 1e9, 1e12
"""From here on a number is no duration, but a time in seconds, or in milliseconds."""

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PIECE = r"\d{1,9}(?:\.\d{1,9})?(?:h|ms|us|µs|ns|m|s)"
_DURATION = re.compile(rf"(?:{_PIECE}){{1,6}}")
_PIECES = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(h|ms|us|µs|ns|m|s)")
_SAID = re.compile(
    r"(?:try|retry|wait|again|available)\b[^.\d]{0,40}?"
    rf"(?:((?:{_PIECE}){{1,6}})\b|(\d{{1,6}}(?:\.\d{{1,9}})?) ?(milliseconds?|seconds?|secs?|minutes?|mins?|hours?)\b)",
    re.IGNORECASE,
)
_WORDS = {"mi": 0.001, "se": 1.0, "ho": 3600.0}
_MINUTES = frozenset({"minute", "minutes", "min", "mins"})

_RESETS = (b"requests", b"tokens", b"input-tokens", b"output-tokens")
_LIMITS: tuple[tuple[bytes, bytes], ...] = (
    *((b"x-ratelimit-reset-" + kind, b"x-ratelimit-remaining-" + kind) for kind in _RESETS),
    (b"x-ratelimit-reset", b"x-ratelimit-remaining"),
    *((b"anthropic-ratelimit-%b-reset" % kind, b"anthropic-ratelimit-%b-remaining" % kind) for kind in _RESETS),
)


def wait_asked(exchange: Exchange, said_s: float | None, *, now: float) -> float | None:
    """Return the seconds that an answer asks to wait, None where it does not say; `now` is a Unix time.

    `said_s` is what its body says. A limit that is used up counts where nothing else does: of several the last one.
    """
    if milliseconds := exchange.header(b"retry-after-ms"):
        number = read_number(milliseconds)
        if number is not None:
            return bounded_wait(max(number, 0.0) / 1000)
    if after := exchange.header(b"retry-after"):
        wait = wait_of(after, now=now)
        if wait is not None:
            return wait
    if said_s is not None or exchange.status != LIMITED:
        return said_s  # vendors tell how their limits stand with whatever they answer
    return _until_reset(exchange, now)


def wait_of(text: bytes | str, *, now: float) -> float | None:
    """Return the seconds that a number, a duration or a date stands for, None for anything else."""
    words = text if isinstance(text, str) else text.decode("latin-1")
    words = words.strip()
    if not words or len(words) > TEXT_CAP:
        return None
    if words[0] in "+-0123456789." and (number := read_number(words)) is not None:
        return bounded_wait(max(_since(number, now), 0.0))
    if _DURATION.fullmatch(words):
        return bounded_wait(_duration(words))
    moment = _moment(words)
    return None if moment is None else bounded_wait(max(moment - now, 0.0))


def wait_in(message: str) -> float | None:
    """Return the seconds of `try again in 20s` and the like in a message, None where it says none."""
    found = _SAID.search(message[:WORDS_CAP])
    if found is None:
        return None
    if found[1]:
        return bounded_wait(_duration(found[1].lower()))
    unit = found[3].lower()
    return bounded_wait(float(found[2]) * (60.0 if unit in _MINUTES else _WORDS[unit[:2]]))


def _until_reset(exchange: Exchange, now: float) -> float | None:
    used_up = list(_resets(exchange, now, of_used_up=True))
    if used_up:
        return max(used_up)
    return min(_resets(exchange, now, of_used_up=False), default=None)


def _resets(exchange: Exchange, now: float, *, of_used_up: bool) -> Iterable[float]:
    """Yield how long it takes until limits begin anew: of those that have nothing left, or of all."""
    return (wait for wait in _read(exchange, now, of_used_up=of_used_up) if wait is not None)


def _read(exchange: Exchange, now: float, *, of_used_up: bool) -> Iterator[float | None]:
    for reset, remaining in _LIMITS:
        if value := exchange.header(reset):
            left = read_number(exchange.header(remaining) or b"")
            if not of_used_up or (left is not None and left <= 0):
                yield wait_of(value, now=now)


def _since(number: float, now: float) -> float:
    if number >= EPOCH_MS:
        return number / 1000 - now
    return number - now if number >= EPOCH_S else number


def _duration(text: str) -> float:
    return sum(float(number) * _UNITS[unit] for number, unit in _PIECES.findall(text))


def _moment(text: str) -> float | None:
    """Return a date as a Unix time: as HTTP writes it, or RFC 3339."""
    try:
        date = datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
