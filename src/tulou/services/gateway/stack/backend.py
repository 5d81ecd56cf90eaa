"""A replica as this process knows it: how it is called, how busy we keep it, how it has done."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args
from urllib.parse import quote

from tulou.chassis.http.origin import split_url
from tulou.chassis.http.request import render_headers
from tulou.contracts.discovery.entry import NO_DEADLINES, NO_DEFAULTS, RequestDefaults
from tulou.contracts.discovery.messages import Replica, UpstreamDialect
from tulou.contracts.endpoints import ENDPOINTS, Endpoint, endpoints_where
from tulou.kernel.clock import Clock
from tulou.rules.metering.findings import OWN
from tulou.services.gateway.dialects.claude import default_cap
from tulou.services.gateway.stack.circuit import Circuit, SingleTenancy
from tulou.services.gateway.stack.credentials import ReplicaCredentials
from tulou.services.gateway.stack.defaults import merged
from tulou.services.gateway.stack.overrides import overrides_of

PATHS: Mapping[Endpoint, str] = MappingProxyType({name: facts.upstream_path for name, facts in ENDPOINTS.items()})
"""Where an upstream that speaks the endpoint's own dialect answers it."""

TURN_TOKENS = 2
"""The fewest tokens of a message in any chat template that we know: its role, and where it ends."""

TURNS = 2048
"""The most messages that an engine of the house is given, however large its context: some 3 s of rendering."""

LONGEST_TOKEN = 128
"""Bytes of the longest token of the tokenizers that we know (128 spaces, in those of Llama 3 and Qwen)."""

PROVING = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})

VERSION = (b"anthropic-version", b"2023-06-01")
"""What those who speak Anthropic's dialect are told, unless the replica's own headers say otherwise."""

_DIALECTS: tuple[UpstreamDialect, ...] = get_args(UpstreamDialect)
NATIVE: Mapping[UpstreamDialect, frozenset[Endpoint]] = MappingProxyType(
    {
        dialect: frozenset(endpoints_where(lambda facts, dialect=dialect: dialect in facts.native))
        for dialect in _DIALECTS
    }
)
"""What passes through as bytes; everything else is translated."""


def model_of(replica: Replica) -> str:
    """Return what a replica calls its model, as far as we know it."""
    return replica.upstream_model or replica.deployment


def is_own(replica: Replica) -> bool:
    """Say whether an engine of this house is behind it; another house is a vendor, and has an address (`place`)."""
    vendor = bool(replica.place or replica.credentials) or replica.dialect != "openai"
    return replica.provider == OWN and not vendor


def is_paid(replica: Replica) -> bool:
    """Say whether somebody else charges for what a replica does: one outside that asks who we are."""
    named = any(name.lower() in PROVING for name, _ in replica.headers)
    return not is_own(replica) and (named or bool(replica.credentials))


def native_of(replica: Replica) -> frozenset[Endpoint]:
    """Return the endpoints whose own dialect a replica speaks; a vendor may say that it speaks two."""
    if replica.dialect == "openai" and "responses" in replica.capabilities:
        return NATIVE["openai"] | NATIVE["responses"]
    return NATIVE[replica.dialect]


WITH_CUSTOM_TOOLS = frozenset({"openai", "azure-openai", "azure-openai-deployments"})
"""Who takes custom tools in chat completions; others speak that dialect, and know functions alone."""

NAME_CAP = 200
"""Characters of a model's name that metering takes."""


def priced_model_of(replica: Replica) -> str:
    """Return what a replica's model is called by its vendor, or by the registry: that is what has a price."""
    return (replica.upstream_model or replica.model or replica.deployment)[:NAME_CAP]


class Backend:
    """Lives as long as its replica is mentioned in snapshots; calls in flight may outlive it.

    `gone` is set when a connection was refused, and cleared by the prober once somebody listens there again;
    `forgotten` once no snapshot mentions it any more. `proofs` are the credentials that calls take in turn.
    `upstream_model` is the model that has a price. `defaults`, `deadlines` and `overrides` are None where nothing is
    said of calls to it, as of most.
    """

    __slots__ = (
        "__weakref__",
        "_lines",
        "_prefix",
        "circuit",
        "custom_tools",
        "deadlines",
        "defaults",
        "forgotten",
        "gone",
        "heads",
        "in_flight",
        "limited",
        "most_bytes",
        "most_turns",
        "native",
        "origin",
        "overrides",
        "own",
        "paid",
        "paths",
        "proofs",
        "replica",
        "stream_heads",
        "tag",
        "text_only",
        "upstream_model",
        "weight",
    )

    def __init__(
        self,
        replica: Replica,
        *,
        clock: Clock,
        proofs: ReplicaCredentials | None = None,
        tenancy: SingleTenancy | None = None,
    ) -> None:
        self.replica = replica
        self.proofs = proofs
        self.origin, self._prefix = split_url(replica.url)
        self.circuit = Circuit(clock, tenancy)
        self.gone = False
        self.forgotten = False
        self.in_flight = 0
        self.weight = max(replica.weight, 0.001)
        self.tag = replica.id.encode("latin-1", "replace")
        self.upstream_model = priced_model_of(replica)
        self.native = native_of(replica)
        self.text_only = replica.modalities == ("text",)
        self.own = is_own(replica)
        self.custom_tools = replica.provider in WITH_CUSTOM_TOOLS
        self.paid = is_paid(replica)
        self.paths = dict(replica.paths)
        own = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in replica.headers]
        if replica.dialect == "anthropic" and all(name != VERSION[0] for name, _ in own):
            own.append(VERSION)
        self._lines = render_headers([(b"host", self.origin.authority), (b"content-type", b"application/json"), *own])
        self.most_turns, self.most_bytes, self.limited = 0, 0, False
        self.overrides = overrides_of(replica)
        self.deadlines = None if replica.deadlines == NO_DEADLINES else replica.deadlines
        self.default(NO_DEFAULTS)
        self._build_heads()

    def same_place(self, replica: Replica) -> bool:
        """Whether a replica of a new snapshot is the one that is known."""
        return _place(self.replica) == _place(replica)

    def update(self, replica: Replica, proofs: ReplicaCredentials | None) -> None:
        """Take what may change about a replica that stays."""
        renamed = replica.upstream_model != self.replica.upstream_model
        self.replica = replica
        self.proofs = proofs
        self.upstream_model = priced_model_of(replica)
        self.text_only = replica.modalities == ("text",)
        self.weight = max(replica.weight, 0.001)
        if renamed:
            self._build_heads()

    def limit(self, context: int) -> None:
        """Take how many tokens the model's context has; only the house's own engines are held against it here."""
        self.limited = context > 0 and self.own
        self.most_turns = min(context // TURN_TOKENS, TURNS)
        self.most_bytes = context * (self.replica.longest_token or LONGEST_TOKEN)

    def default(self, defaults: RequestDefaults) -> None:
        """Take the defaults of the deployment's requests; those of the replica's own entry go before them."""
        both = merged(self.replica.defaults, defaults)
        self.defaults = None if both == NO_DEFAULTS else both

    def ails(self, now: float) -> bool:
        """Whether there is more to remember of it than that it did well: its circuit, or a credential that rests."""
        return self.circuit.state != "closed" or (self.proofs is not None and self.proofs.rests(now))

    @property
    def told_cap(self) -> int:
        """The tokens of output that the replica is allowed for an answer where a client says none; 0: as it likes."""
        if self.defaults is not None and self.defaults.max_tokens is not None:
            return self.defaults.max_tokens
        return default_cap(self.replica.dialect, self.model)

    @property
    def load(self) -> float:
        """Calls in flight from this process, in proportion to the replica's weight."""
        return self.in_flight / self.weight

    @property
    def model(self) -> str:
        """What the replica calls its model, as far as we know it."""
        return model_of(self.replica)

    def target(self, endpoint: str, path: str, *, stream: bool) -> str:
        """Return the path of an endpoint there: the dialect's own unless the replica has one that differs."""
        own = (self.paths.get(f"{endpoint}.stream") if stream else None) or self.paths.get(endpoint) or path
        return self._prefix + own.replace("{model}", quote(self.model, safe=""))

    def head(self, endpoint: str, path: str, *, stream: bool) -> bytes:
        """Return all of a request's head that is the same each time, without its end."""
        return b"POST %b HTTP/1.1\r\n%b" % (self.target(endpoint, path, stream=stream).encode("ascii"), self._lines)

    def _build_heads(self) -> None:
        self.heads = {endpoint: self.head(endpoint, path, stream=False) for endpoint, path in PATHS.items()}
        self.stream_heads = {endpoint: self.head(endpoint, path, stream=True) for endpoint, path in PATHS.items()}


def _place(replica: Replica) -> tuple[object, ...]:
    return (
        replica.url,
        replica.generation,
        replica.headers,
        replica.deployment,
        replica.dialect,
        replica.paths,
        replica.signing,
        replica.capabilities,
    )
