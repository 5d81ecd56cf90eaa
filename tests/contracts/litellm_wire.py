"""What goes out by each entry of LiteLLM's configurations: from LiteLLM, as it was kept, and from this house's gate."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.contracts.imports import PROVIDERS
from tests.contracts.recording import TOKEN, Recorder, Sent
from tulou.chassis.strict import strict
from tulou.cli.litellm import TranslatedHouse, translated
from tulou.contracts.discovery.messages import Replica, ReplicaCredential
from tulou.contracts.routing.messages import Route, Snapshot
from tulou.contracts.serving.messages import DeploymentSpec, UpstreamTarget
from tulou.contracts.upstreams.messages import AuthStyle, UpstreamSpec
from tulou.services.configuration.domain.document import UpstreamEntry
from tulou.services.configuration.kinds.kind import fields_of
from tulou.services.gateway.tests.gate import AUTH, RunningGate, snapshot, target
from tulou.services.routing.domain import ENDPOINTS
from tulou.services.serving.domain.outside import task_of
from tulou.services.serving.service.outside import UpstreamPlace, replica_of
from tulou.services.upstreams.domain.effective import effective
from tulou.services.upstreams.domain.proof import proof_of
from tulou.services.upstreams.domain.service_account import is_service_account

HERE = Path(__file__).parent / "litellm"
KEPT = HERE / "wire.json"

ASKED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "hello"}]}),
    "chat": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "hello"}]}),
    "embedding": ("/v1/embeddings", {"input": ["hello"]}),
    "rerank": ("/v1/rerank", {"query": "hello", "documents": ["a", "b"]}),
    "moderation": ("/v1/moderations", {"input": "hello"}),
}

VENDORS = (
    *("openai", "anthropic", "gemini", "groq", "mistral", "codestral", "cerebras", "xai", "openrouter", "deepseek"),
    *("togetherai", "fireworks", "perplexityai", "nvidia_nim", "github", "sambanova", "deepinfra", "dashscope"),
    *("moonshot", "zai", "cohere", "jina_ai", "voyage", "azure_ai", "replicate"),
)
KEYS: Mapping[str, str] = {f"{name.upper()}_API_KEY": f"sk-{name}" for name in VENDORS}
"""A key of each vendor, in the variable where LiteLLM looks for it."""


@dataclass(frozen=True)
class Configuration:
    """A configuration that people might have; `kind` says what of LiteLLM's it uses."""

    name: str
    kind: str
    config: Mapping[str, Any]
    environment: Mapping[str, str]
    operations: Mapping[str, str]
    of_the_judge: Mapping[str, str]
    """Variables that LiteLLM alone gets, where it looks for keys that no import can bring."""

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
                of_the_judge=one.get("of_the_judge", {}),
            )
            for one in table["configurations"]
        ]
    return found


def kept() -> Mapping[str, Mapping[str, Any]]:
    """Return what LiteLLM sent by configuration and number of entry, or why it sent nothing."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(KEPT.read_text("utf-8"))
    return found


def imported(one: Configuration, entry: Mapping[str, Any] | None = None) -> TranslatedHouse:
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

    def _snapshot(self, found: TranslatedHouse, one: Configuration) -> Snapshot:
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
        upstream: UpstreamTarget,
        account: UpstreamEntry,
        variables: Mapping[str, str],
    ) -> Replica:
        provider = effective(PROVIDERS[account.provider], UpstreamSpec(**fields_of(account, UpstreamSpec)))
        url = urlsplit(provider.base_url)
        here = f"http://127.0.0.1:{self._recorder.server_port}/{url.netloc}{url.path}"
        place = UpstreamPlace(f"{spec.name}-{number}", spec.name, self._revision, 1, upstream)
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
