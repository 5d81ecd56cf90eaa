"""What an entry may say of the calls to it: defaults of requests, JSON that is merged into bodies, and deadlines."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from math import isfinite
from types import MappingProxyType
from typing import cast

import msgspec

from tulou.contracts.discovery.entry import NO_DEFAULTS, CallDeadlines, RequestDefaults
from tulou.kernel.errors import InvalidError
from tulou.kernel.numbers import COUNT_MAX, WAIT_MOST_S

BODY_MOST = 16 * 1024
"""Bytes of an extra body, as JSON: each request to the entry carries them."""
DEPTH_MOST = 8
ITEM = "[]"
STOPS_MOST, STOP_MOST = 16, 256
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
VERBOSITIES = ("low", "medium", "high")

_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "temperature": (0.0, 2.0),
        "top_p": (0.0, 1.0),
        "top_k": (0, COUNT_MAX),
        "max_tokens": (1, COUNT_MAX),
        "seed": (-(2**63), 2**63 - 1),
        "presence_penalty": (-2.0, 2.0),
        "frequency_penalty": (-2.0, 2.0),
        "reasoning_tokens": (1, COUNT_MAX),
    }
)
_OWNED = frozenset(
    {
        *("model", "models", "modelid", "messages", "input", "prompt", "contents", "system", "systeminstruction"),
        *("instructions", "stream", "streamoptions", "n", "bestof", "candidatecount", "maxtokens", "maxnewtokens"),
        *("maxcompletiontokens", "maxoutputtokens", "maxtokenstosample", "npredict", "ncmpl", "tools", "toolchoice"),
        *("toolconfig", "functions", "functioncall", "store", "background", "previousresponseid", "conversation"),
        *("documents", "query", "texts", "requests"),
    }
)
"""What identity, limits and prices go by, or what the request is: it is the client's to say, or the gate's. Upstreams
write such names in several ways, and some take more than one: here they are without case and underscores."""

_SHARED = frozenset({"generationconfig", "inferenceconfig", "additionalmodelrequestfields"})
"""Objects in which a request says the same, beside what may be added; so they must not be replaced as a whole."""
_SECRET_NAME = re.compile(
    r"(?i)(?:^|[_\-.])(?:api[_-]?key|apikey|access[_-]?key|secret|password|passwd|authorization|credentials?|token|"
    r"private[_-]?key|bearer)s?$"
)
_SECRET_VALUE = re.compile(
    r"(?i:bearer |basic )\S{8}|sk-[\w-]{8}|AKIA[A-Z0-9]{12}|AIza[\w-]{20}|gh[pousr]_\w{8}|xox[abp]-|"
    r"-----BEGIN|eyJ[\w-]{10,}\.eyJ"
)


def check_defaults(defaults: RequestDefaults, *, param: str, task: str = "") -> None:
    """Raise `InvalidError` naming the default that no request could have."""
    if defaults == NO_DEFAULTS:
        return
    if task not in ("", "chat"):
        raise InvalidError(f"{param}: a deployment for {task} writes no text; defaults are for chat", param=param)
    for name, (least, most) in _RANGES.items():
        _check_range(f"{param}.{name}", getattr(defaults, name), least, most)
    if len(defaults.stop) > STOPS_MOST or not all(0 < len(one) <= STOP_MOST for one in defaults.stop):
        raise InvalidError(
            f"{param}.stop: at most {STOPS_MOST} texts of 1 to {STOP_MOST} characters", param=f"{param}.stop"
        )
    _check_word(f"{param}.reasoning_effort", defaults.reasoning_effort, EFFORTS)
    _check_word(f"{param}.verbosity", defaults.verbosity, VERBOSITIES)
    if defaults.reasoning_effort and defaults.reasoning_tokens is not None:
        raise InvalidError(f"{param}: give reasoning_effort or reasoning_tokens, not both", param=param)


def check_deadlines(deadlines: CallDeadlines, *, param: str) -> None:
    """Raise `InvalidError` naming a time that is none."""
    for field in fields(deadlines):
        seconds: float | None = getattr(deadlines, field.name)
        if seconds is not None and not 0 < seconds <= WAIT_MOST_S:
            name = f"{param}.{field.name}"
            raise InvalidError(f"{name} is {seconds!r}; it is above 0 and at most {WAIT_MOST_S:g} seconds", param=name)


def check_extra_body(extra: Mapping[str, object], *, param: str) -> None:
    """Raise `InvalidError` for what may not be merged into requests; it never says a value, which may be a secret."""
    if not extra:
        return
    for path, value in _values(extra, (), param):
        name = ".".join(path)
        if _is_owned(path, value):
            raise InvalidError(
                f"{param}.{name}: it is the client's or the gate's to say; leave it out", param=f"{param}.{name}"
            )
        if isinstance(value, str) and seems_secret(_named(path), value):
            raise InvalidError(
                f"{param}.{name} looks like a secret, and would stand here in clear; add it as a credential of the "
                "upstream",
                param=f"{param}.{name}",
            )
    try:
        size = len(msgspec.json.encode(extra))
    except (TypeError, ValueError) as error:
        raise InvalidError(f"{param} is no JSON: {error}", param=param) from error
    if size > BODY_MOST:
        raise InvalidError(f"{param} takes {size} bytes; at most {BODY_MOST}", param=param)


def _values(value: object, path: tuple[str, ...], param: str) -> Iterable[tuple[tuple[str, ...], object]]:
    """Yield every value with the names that lead to it, objects and lists too."""
    if len(path) > DEPTH_MOST:
        raise InvalidError(f"{param} is deeper than {DEPTH_MOST} levels", param=param)
    if path:
        yield path, value
    if isinstance(value, Mapping):
        for name, inner in cast("Mapping[object, object]", value).items():
            if not isinstance(name, str):
                raise InvalidError(f"{param}: the name {name!r} is no text", param=param)
            yield from _values(inner, (*path, name), param)
    elif isinstance(value, list | tuple):
        for inner in cast("Iterable[object]", value):
            yield from _values(inner, (*path, ITEM), param)
    elif isinstance(value, float) and not isfinite(value):
        raise InvalidError(f"{param}.{'.'.join(path)} is {value}; JSON knows no such number", param=param)


def _is_owned(path: tuple[str, ...], value: object) -> bool:
    first, *within = (name.replace("_", "").lower() for name in path[:2])
    if first in _SHARED:
        return within[0] in _OWNED if within else not isinstance(value, Mapping)
    return first in _OWNED


def _named(path: tuple[str, ...]) -> str:
    """Return the last name on the way to a value; an object may have one that looks like an item's."""
    return next((name for name in reversed(path) if name != ITEM), ITEM)


def seems_secret(name: str, text: str) -> bool:
    """Say whether a text looks like a secret, by what it is called or how it begins."""
    return bool(_SECRET_NAME.search(name) or _SECRET_VALUE.match(text))


def _check_range(param: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        raise InvalidError(f"{param} is {value!r}; it is from {least:g} to {most:g}", param=param)


def _check_word(param: str, word: str, known: tuple[str, ...]) -> None:
    if word and word not in known:
        raise InvalidError(f"{param} is {word[:40]!r}; it is one of {', '.join(known)}", param=param)
