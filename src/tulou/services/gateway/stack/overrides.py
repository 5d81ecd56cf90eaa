"""What an entry of a deployment puts into the bodies that go to it, whatever the client said."""

from collections.abc import Mapping

import msgspec

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.services.gateway.stack.rewrite import fields_of

Fields = dict[str, msgspec.Raw]

EXTENDED: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.runs))
"""Endpoints whose bodies are extended: what only counts or cuts tokens takes no options."""


class BodyOverrides:
    """An extra body, and fields that are left out; made ready once, merged into each request."""

    __slots__ = ("_extra", "_omit")

    def __init__(self, extra: Mapping[str, object], omit: tuple[str, ...]) -> None:
        self._extra: Fields = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in extra.items()}
        self._omit = omit

    def apply(self, body: bytes, endpoint: Endpoint) -> bytes:
        """Return the body with the extra fields over its own: objects are merged, all else is replaced."""
        counts = endpoint == "count_tokens" and bool(self._omit)  # Vertex takes the model there, and its version
        if endpoint not in EXTENDED and not counts:
            return body
        fields = fields_of(body)
        for name in () if counts else self._omit:
            fields.pop(name, None)
        return msgspec.json.encode(_merged(fields, self._extra))


def overrides_of(replica: Replica) -> BodyOverrides | None:
    """Return what is changed in the bodies that go to a replica, None for most."""
    if not replica.extra_body and not replica.omit:
        return None
    return BodyOverrides(replica.extra_body, replica.omit)


def _merged(fields: Fields, extra: Fields) -> Fields:
    merged = dict(fields)
    for name, raw in extra.items():
        there = merged.get(name)
        if there is not None and _is_object(there) and _is_object(raw):
            raw = msgspec.Raw(msgspec.json.encode(_merged(fields_of(there), fields_of(raw))))  # noqa: PLW2901 - merged
        merged[name] = raw
    return merged


def _is_object(raw: msgspec.Raw) -> bool:
    return bytes(raw).lstrip()[:1] == b"{"
