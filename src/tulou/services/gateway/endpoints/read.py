"""Reads bodies: what is asked, or the place of what is wrong."""

import re
from types import MappingProxyType

import msgspec

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.endpoints.asked import EndpointRequest
from tulou.services.gateway.endpoints.catalogue import SERVED
from tulou.services.gateway.refusals import MalformedError, WrongTypeError

_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"missing required field `([^`]+)`")
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|([^.\[\]]+)")

_DECODERS = MappingProxyType({name: msgspec.json.Decoder(endpoint.request) for name, endpoint in SERVED.items()})


def read(endpoint: Endpoint, body: bytes) -> EndpointRequest:
    """Return what a body asks; raise `MalformedError`, or `WrongTypeError` with the place of what is wrong."""
    try:
        if not body.isascii():
            body.decode()  # fields that are passed on as they were written are looked at by nobody else
        asked = _DECODERS[endpoint].decode(body)
    except msgspec.ValidationError as error:
        raise _wrong_type(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise MalformedError("the body is nested too deeply") from error
    asked.check(body)
    return asked


def _wrong_type(words: str) -> WrongTypeError:
    place = _PLACE.search(words)
    path = place[1] if place else ""
    if missing := _MISSING.search(words):
        path = f"{path}.{missing[1]}" if path else missing[1]
    pointer = "".join(f"/{number or name}" for number, name in _STEP.findall(path))
    said = _PLACE.sub("", words)
    message = f"{path or 'the body'}: {said[:1].lower()}{said[1:]}"
    return WrongTypeError(message, param=path or None, pointer=pointer)
