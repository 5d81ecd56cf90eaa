"""What goes out by each entry of LiteLLM's configurations: from LiteLLM, as it was kept, and from this house's gate."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import yaml

from tests.contracts.imports import PROVIDERS
from tests.contracts.recording import TOKEN, Recorder, Sent
from tulou.chassis.strict import strict
from tulou.cli.litellm import Translated, translated
from tulou.contracts.discovery.messages import Replica, ReplicaCredential
from tulou.contracts.routing.messages import Route, Snapshot
from tulou.contracts.serving.messages import DeploymentSpec, Upstream
from tulou.contracts.upstreams.messages import AuthStyle, UpstreamSpec
from tulou.services.configuration.domain.document import UpstreamEntry
from tulou.services.configuration.kinds.kind import fields_of
from tulou.services.gateway.tests.gate import AUTH, RunningGate, snapshot, target
from tulou.services.routing.domain import ENDPOINTS
from tulou.services.serving.domain.outside import task_of
from tulou.services.serving.service.outside import Place, replica_of
from tulou.services.upstreams.domain.effective import effective
from tulou.services.upstreams.domain.proof import proof_of
from tulou.services.upstreams.domain.service_account import is_service_account

HERE = Path(__file__).parent / "litellm"
KEPT = HERE / "wire.json"
Outcome = Literal["right", "told", "refused", "wrong"]

ASKED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "hello"}]}),
    "chat": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "hello"}]}),
    "embedding": ("/v1/embeddings", {"input": ["hello"]}),
    "rerank": ("/v1/rerank", {"query": "hello", "documents": ["a", "b"]}),
    "moderation": ("/v1/moderations", {"input": "hello"}),
}

ALIKE = (
    ("/api/chat", "/v1/chat/completions"),
    ("/api/generate", "/v1/chat/completions"),
    ("/api/embed", "/v1/embeddings"),
    ("api.cohere.com/v2/chat", "api.cohere.com/compatibility/v1/chat/completions"),
    ("api.cohere.ai/v2/embed", "api.cohere.com/compatibility/v1/embeddings"),
    ("/invoke", "/converse"),
    ("api.deepseek.com/beta/", "api.deepseek.com/"),
)
"""Where LiteLLM speaks another dialect of the same server, at the same vendor, for the same model."""

VENDORS = (
    *("openai", "anthropic", "gemini", "groq", "mistral", "codestral", "cerebras", "xai", "openrouter", "deepseek"),
    *("togetherai", "fireworks", "perplexityai", "nvidia_nim", "github", "sambanova", "deepinfra", "dashscope"),
    *("moonshot", "zai", "cohere", "jina_ai", "voyage", "azure_ai", "replicate"),
)
KEYS: Mapping[str, str] = {f"{name.upper()}_API_KEY": f"sk-{name}" for name in VENDORS}
"""A key of each vendor, in the variable where LiteLLM looks for it."""

NO_PROOF = ("", "authorization: Bearer fake-api-key", "authorization: Bearer None")
"""What LiteLLM sends where nobody gave it a key."""


@dataclass(frozen=True)
class Configuration:
    """A configuration that people might have; `kind` says what of LiteLLM's it uses."""

    name: str
    kind: str
    config: Mapping[str, Any]
    environment: Mapping[str, str]
    operations: Mapping[str, str]

    def entries(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the entries of its list, each with its number."""
        yield from enumerate(self.config.get("model_list") or ())

    def alone(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the configuration with one entry."""
        return {**self.config, "model_list": [entry]}


def configurations() -> list[Configuration]:
    """Return all, in the order of the files."""
    found: list[Configuration] = []
    for file in sorted((HERE / "wire").glob("*.yaml")):
        table: Any = yaml.safe_load(file.read_text("utf-8"))
        usual = {**KEYS, **table.get("environment", {})}
        found += [
            Configuration(
                name=one["name"],
                kind=table["kind"],
                config=one["config"],
                environment={**usual, **one.get("environment", {})},
                operations={str(number): value for number, value in one.get("operations", {}).items()},
            )
            for one in table["configurations"]
        ]
    return found


def kept() -> Mapping[str, Mapping[str, Any]]:
    """Return what LiteLLM sent by configuration and number of entry, or why it sent nothing."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(KEPT.read_text("utf-8"))
    return found


def imported(one: Configuration, entry: Mapping[str, Any] | None = None) -> Translated:
    config = one.config if entry is None else one.alone(entry)
    return translated(config, None, providers=PROVIDERS, variables=one.environment)


class HouseSender:
    """Sends by way of a gate that runs, whose vendors are all one recording server."""

    def __init__(self, gate: RunningGate, recorder: Recorder) -> None:
        self._gate = gate
        self._recorder = recorder
        self._revision = 1

    async def send(self, one: Configuration, number: int, entry: Mapping[str, Any]) -> Sent | None:
        """Return what goes out by an entry; None where nothing does."""
        found = imported(one, entry)
        if not found.imported:
            return None
        self._revision += 1
        await self._gate.tell(self._snapshot(found, one))
        self._recorder.take()
        operation = one.operations.get(str(number), "")
        path, body = ASKED[operation]
        model = str(entry["model_name"]).replace("*", "some-model")
        await self._gate.http.post(path, json={"model": model, **body}, headers=AUTH)
        sent = self._recorder.take()
        return sent[0] if sent else None

    def _snapshot(self, found: Translated, one: Configuration) -> Snapshot:
        document: dict[str, Any] = dict(found.document)
        accounts = {entry["name"]: strict(entry, UpstreamEntry) for entry in document["upstreams"]}
        targets = [
            self._target(strict(entry, DeploymentSpec), accounts, one.environment) for entry in document["deployments"]
        ]
        routes = tuple(strict(entry, Route) for entry in document.get("routes", ()))
        return replace(snapshot(*targets, routes=routes, revision=self._revision))

    def _target(self, spec: DeploymentSpec, accounts: Mapping[str, UpstreamEntry], variables: Mapping[str, str]) -> Any:
        providers = [PROVIDERS[accounts[one.upstream].provider] for one in spec.upstreams]
        replicas = [
            self._replica(spec, number, upstream, accounts[upstream.upstream], variables)
            for number, upstream in enumerate(spec.upstreams)
        ]
        return target(*replicas, deployment=spec.name, endpoints=ENDPOINTS[task_of(spec.task or None, providers)])

    def _replica(
        self,
        spec: DeploymentSpec,
        number: int,
        upstream: Upstream,
        account: UpstreamEntry,
        variables: Mapping[str, str],
    ) -> Replica:
        provider = effective(PROVIDERS[account.provider], UpstreamSpec(**fields_of(account, UpstreamSpec)))
        url = urlsplit(provider.base_url)
        here = f"http://127.0.0.1:{self._recorder.server_port}/{url.netloc}{url.path}"
        place = Place(f"{spec.name}-{number}", spec.name, self._revision, 1, upstream)
        credentials = tuple(
            ReplicaCredential(id=one.name, headers=_proof(provider.auth, secret))
            for one in account.credentials
            if (secret := variables.get(one.reference.partition("://")[2]))
        )
        provider = replace(provider, base_url=here)
        return replica_of(place, provider, headers=provider.headers, credentials=credentials)


def _proof(style: AuthStyle, secret: str) -> tuple[tuple[str, str], ...]:
    """Return the header that proves a secret; a service account gets a token for it, which is its own test."""
    if style == "google" and is_service_account(secret):
        return (("authorization", f"Bearer {TOKEN}"),)
    return proof_of(style, secret, region="r")


def alike(theirs: Mapping[str, Any], ours: Sent, params: Mapping[str, Any]) -> bool:
    """Say whether two requests are the same, or the same in another dialect; `params` are those of the entry."""
    url, made = (unquote(one).replace("localhost", "127.0.0.1") for one in (theirs["url"], ours.url))
    if url != made:
        url = next((url.replace(old, new) for old, new in ALIKE if old in url), url)
    model = theirs["model"] in ("", ours.model) or not ours.model
    proof = theirs["proof"] == ours.proof or (theirs["proof"] in NO_PROOF and ours.proof in NO_PROOF)
    same = (theirs["method"], url.replace("//", "/")) == (ours.method, made.replace("//", "/"))
    names = {*params, *params.get("extra_body", {})}
    settings, others = theirs.get("settings", {}), ours.written().get("settings", {})
    return same and model and proof and all(settings[name] == others.get(name) for name in settings if name in names)


def outcome(one: Configuration, number: int, entry: Mapping[str, Any], ours: Sent | None) -> Outcome:
    """Return how an entry came over, held against what LiteLLM sent by it."""
    theirs = kept()[one.name][str(number)]
    found = imported(one, entry)
    if not found.imported:
        return "refused" if any(note.kind == "left_out" for note in found.notes) else "wrong"
    said = [note for note in found.notes if note.place.startswith(("model_list[0]", "upstreams."))]
    if ours is not None and "url" in theirs and alike(theirs, ours, entry["litellm_params"]):
        return "told" if any(note.kind == "unsupported" for note in said) else "right"
    return "told" if any(note.kind != "not_needed" for note in said) else "wrong"
