"""The endpoints of inference as values: all that is plainly so of each, for every floor that must know it.

What an endpoint does in the gate (its request, its dialect, how it is described) stands beside these facts in
`services/gateway/endpoints`. Tables elsewhere are derived from here and hold no names of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tulou.contracts.discovery.messages import UpstreamDialect

Endpoint = Literal[
    "chat",
    "completions",
    "embeddings",
    "responses",
    "messages",
    "count_tokens",
    "rerank",
    "moderations",
    "tokenize",
    "detokenize",
]
"""How an endpoint is called on the wire, in the ledger and in policies; never renamed."""

VendorEndpoint = Literal[
    "chat", "completions", "embeddings", "responses", "rerank", "moderations", "tokenize", "count_tokens"
]
"""Those that a vendor may say that it has."""

ServedTask = Literal["chat", "embedding", "rerank", "moderation"]
"""What a model is for: which endpoints it can be asked at."""

Vendor = Literal["openai", "anthropic", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFacts:
    """What an endpoint is.

    * `path`: where the house answers it; `vendor`: whose API it is of, in whose words it is refused, and whose name may
      stand before the path; `aliases`: other paths, whole.
    * `upstream_path`: where an upstream that speaks the endpoint's own dialect answers it; `native`: the dialects of
      these, to whom bytes pass through; `tapped`: then their events are read on the way.
    * `tasks`: models of which tasks can be asked; `known_for`: the task of a vendor's model that has this endpoint.
    * `operation`: its name in spans and metrics, by OpenTelemetry's conventions where these have one.
    * `counted`: what it takes is told in tokens, and estimated where nobody has counted; `writes`: its answers are
      text; `vectors`: its answers have no tokens.
    * `prompted`: the model reads a prompt, which must fit its context; `runs`: a model runs, which takes options and
      may do so in a batch: not where tokens are only counted or cut.
    """

    name: Endpoint
    path: str
    vendor: Vendor
    aliases: tuple[str, ...] = ()
    upstream_path: str
    native: tuple[UpstreamDialect, ...] = ()
    tapped: bool = False
    tasks: tuple[ServedTask, ...]
    known_for: ServedTask | None = None
    operation: str
    counted: bool = False
    writes: bool = False
    vectors: bool = False
    prompted: bool = False
    runs: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path at which the house answers it, its own first."""
        vendors = () if self.vendor == "nobody" else (f"/{self.vendor}{self.path}",)
        return (self.path, *vendors, *self.aliases)


_ALL = (
    EndpointFacts(
        name="chat",
        path="/v1/chat/completions",
        vendor="openai",
        upstream_path="/v1/chat/completions",
        native=("openai",),
        tasks=("chat",),
        known_for="chat",
        operation="chat",
        counted=True,
        writes=True,
        prompted=True,
    ),
    EndpointFacts(
        name="completions",
        path="/v1/completions",
        vendor="openai",
        upstream_path="/v1/completions",
        native=("openai",),
        tasks=("chat",),
        operation="text_completion",
        counted=True,
        writes=True,
        prompted=True,
    ),
    EndpointFacts(
        name="embeddings",
        path="/v1/embeddings",
        vendor="openai",
        upstream_path="/v1/embeddings",
        native=("openai", "responses"),
        tasks=("embedding",),
        known_for="embedding",
        operation="embeddings",
        counted=True,
        vectors=True,
    ),
    EndpointFacts(
        name="responses",
        path="/v1/responses",
        vendor="openai",
        upstream_path="/v1/responses",
        native=("responses",),
        tapped=True,
        tasks=("chat",),
        operation="chat",
        counted=True,
        writes=True,
        prompted=True,
    ),
    EndpointFacts(
        name="messages",
        path="/v1/messages",
        vendor="anthropic",
        aliases=("/anthropic/messages",),
        upstream_path="/v1/messages",
        native=("anthropic",),
        tapped=True,
        tasks=("chat",),
        operation="chat",
        counted=True,
        writes=True,
        prompted=True,
    ),
    EndpointFacts(
        name="count_tokens",
        path="/v1/messages/count_tokens",
        vendor="anthropic",
        aliases=("/anthropic/messages/count_tokens",),
        upstream_path="/v1/messages/count_tokens",
        native=("anthropic",),
        tapped=True,
        tasks=("chat",),
        operation="count_tokens",
        runs=False,
    ),
    EndpointFacts(
        name="rerank",
        path="/v1/rerank",
        vendor="nobody",
        aliases=("/v2/rerank", "/rerank"),
        upstream_path="/v1/rerank",
        tasks=("embedding", "rerank"),
        known_for="rerank",
        operation="rerank",
    ),
    EndpointFacts(
        name="moderations",
        path="/v1/moderations",
        vendor="openai",
        upstream_path="/v1/moderations",
        native=("openai", "responses"),
        tasks=("moderation",),
        known_for="moderation",
        operation="moderation",
    ),
    EndpointFacts(
        name="tokenize",
        path="/v1/tokenize",
        vendor="nobody",
        aliases=("/tokenize",),
        upstream_path="/tokenize",
        tasks=("chat", "embedding"),
        operation="tokenize",
        prompted=True,
        runs=False,
    ),
    EndpointFacts(
        name="detokenize",
        path="/v1/detokenize",
        vendor="nobody",
        aliases=("/detokenize",),
        upstream_path="/detokenize",
        tasks=("chat", "embedding"),
        operation="detokenize",
        runs=False,
    ),
)

ENDPOINTS = MappingProxyType[Endpoint, EndpointFacts]({facts.name: facts for facts in _ALL})
"""By name, in the order in which they are listed to clients."""


def endpoints_where(holds: Callable[[EndpointFacts], bool]) -> tuple[Endpoint, ...]:
    """Return the names of the endpoints of which something is so, in their order; for tables made at import."""
    return tuple(facts.name for facts in _ALL if holds(facts))
