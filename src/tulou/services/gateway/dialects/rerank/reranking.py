"""What is asked of a model that reranks, and what it answers."""

from typing import Protocol

import msgspec

from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.events import Miscounted
from tulou.services.gateway.dialects.prompt import Fields


class Rerank(msgspec.Struct, frozen=True, kw_only=True):
    """Documents to be ordered by how well they answer a query; `top_n` of them, all when it is None."""

    model: str
    query: str
    documents: tuple[str, ...]
    top_n: int | None = None
    return_documents: bool = False
    most_tokens: int | None = None
    extra: Fields = {}
    family: str = ""


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A document's place in the request, and how well it answers."""

    index: int
    score: float


class Reranked(msgspec.Struct, frozen=True, kw_only=True):
    """The best first; what it took, where the upstream says so; `miscounted` is what it says that cannot be."""

    id: str
    results: tuple[Ranked, ...]
    tokens: int = 0
    search_units: int = 0
    miscounted: Miscounted | None = None


class RerankClient(Protocol):
    """A shape in which clients may ask."""

    def read_request(self, body: bytes) -> Rerank:
        """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
        ...

    def write_answer(self, reranked: Reranked, asked: Rerank, *, answer: str) -> bytes:
        """Return the answer; *answer* is its id."""
        ...


class RerankUpstream(Protocol):
    """A shape in which upstreams are asked."""

    def path(self) -> str:
        """Return the path after the base URL."""
        ...

    def write_request(self, asked: Rerank, ability: Ability) -> Written:
        """Return the request."""
        ...

    def read_answer(self, body: bytes, asked: Rerank) -> Reranked:
        """Return the order; raise `ValueError` if it is none."""
        ...
