"""What a request asks beyond what plain engines know: refused where the answer would be wrong, else told by name."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.replica.host.bodies import ChatBody, EmbeddingBody

HEADER = "x-tulou-dropped"
"""Names of fields that had no effect, by which the gateway tells its client."""

SHAPING = frozenset({"grammar", "json_schema"})
NEUTRAL: Mapping[str, frozenset[bytes]] = MappingProxyType(
    {
        "presence_penalty": frozenset({b"0", b"0.0"}),
        "frequency_penalty": frozenset({b"0", b"0.0"}),
        "logit_bias": frozenset({b"{}"}),
        "top_logprobs": frozenset({b"0"}),
        "parallel_tool_calls": frozenset({b"true", b"false"}),
        "tool_choice": frozenset({b'"auto"', b'"none"'}),
    }
)
"""Values by which nothing is asked; calls of tools are refused as a whole."""

KNOWN = MappingProxyType({kind: frozenset(field.name for field in fields(kind)) for kind in (ChatBody, EmbeddingBody)})
"""What is read of a request, and honoured or refused."""

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def overlooked(body: bytes, known: type[ChatBody | EmbeddingBody]) -> tuple[str, ...]:
    """Return the fields that an engine passes over; raise `InvalidError` for one that the answer must be held to."""
    asked = _FIELDS.decode(body)
    names = sorted(name for name in asked.keys() - KNOWN[known] if _asks(name, bytes(asked[name])))
    for name in SHAPING.intersection(names):
        raise InvalidError(f"{name}: this engine holds to a shape that comes as response_format", param=name)
    return tuple(names)


def _asks(name: str, value: bytes) -> bool:
    return value != b"null" and value not in NEUTRAL.get(name, frozenset())
