"""What is asked of a model that embeds, what it answers, and what an upstream's dialect has to do."""

from typing import Literal, Protocol

import msgspec

from tulou.services.gateway.dialects.dialect import Ability, Dropped, Written
from tulou.services.gateway.dialects.events import Miscounted, Used
from tulou.services.gateway.dialects.prompt import Fields

Vector = list[float] | str


class Embed(msgspec.Struct, frozen=True, kw_only=True):
    """Texts, or tokens, to embed; `written` is how they came, `texts` are empty for tokens, `count` is of both."""

    model: str
    written: msgspec.Raw
    texts: tuple[str, ...]
    count: int = 1
    dimensions: int | None = None
    encoding: Literal["float", "base64"] = "float"
    user: str = ""
    extra: Fields = {}


class Embedded(msgspec.Struct, frozen=True, kw_only=True):
    """Vectors in the order of the texts, in base64 of little-endian 32-bit floats or as numbers; tokens if counted."""

    vectors: tuple[Vector, ...]
    counts: Used | Miscounted | None = None


class EmbeddingUpstream(Protocol):
    """A dialect that upstreams which embed may speak."""

    def path(self, ability: Ability) -> str:
        """Return the path after the base URL, with `{model}` where it belongs."""
        ...

    def write_request(self, asked: Embed, ability: Ability) -> Written:
        """Return the request; raise `InvalidError` for what the upstream cannot do."""
        ...

    def read_answer(self, body: bytes) -> Embedded:
        """Return the vectors; raise `ValueError` if there are none."""
        ...


def undropped(asked: Embed, *known: str) -> tuple[Dropped, ...]:
    """Return what an upstream of another dialect than the client's does not take."""
    names = sorted({*asked.extra, *(["user"] if asked.user else [])} - set(known))
    return tuple(Dropped(field=name, why="the upstream has no place for it") for name in names)
