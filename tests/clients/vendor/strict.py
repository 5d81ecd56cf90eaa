"""Holds requests against the vendors' own types, and against rules that types cannot say."""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from tests.clients.vendor.mind import Json, RefusedError
from tulou.services.gateway.dialects.tests.shapes import check_shape

NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")


def request(dialect: str, body: bytes, known: frozenset[str]) -> Json:
    """Return a request of the dialect; raise `RefusedError` for another shape, or fields that it does not have."""
    try:
        asked = check_shape(dialect, body)
    except (ValidationError, ValueError) as error:
        raise RefusedError(f"not of this dialect: {error}") from error
    only(asked, known, "the request")
    return asked


def only(fields: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    """Raise `RefusedError` for a field that the dialect does not have."""
    if unknown := fields.keys() - known:
        raise RefusedError(f"unknown parameter of {where}: {min(unknown)!r}", param=min(unknown))


def tool_names(names: Iterable[str]) -> None:
    """Raise `RefusedError` for names that vendors do not take, and for one that is there twice."""
    seen: set[str] = set()
    for name in names:
        if not NAME.match(name):
            raise RefusedError(f"invalid name of a tool: {name!r}", param="tools")
        if name in seen:
            raise RefusedError(f"the tool {name!r} is there twice", param="tools")
        seen.add(name)


def paired(calls: Iterable[str], results: Iterable[str], where: str) -> None:
    """Raise `RefusedError` unless there is one result for each call."""
    called, answered = list(calls), list(results)
    if sorted(called) != sorted(answered):
        raise RefusedError(f"{where}: calls {called} have the results {answered}", param="messages")


def picture(url: str) -> str:
    """Return what a picture in a data URL is: its media type and size; raise `RefusedError` for none."""
    found = re.fullmatch(r"data:(image/[a-z]+);base64,(.+)", url)
    if found is None:
        raise RefusedError(f"no picture: {url[:40]!r}")
    return f"{found[1]} of {len(base64.b64decode(found[2], validate=True))} bytes"
