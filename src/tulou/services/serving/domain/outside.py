"""How a place outside is reached: what an account at a vendor comes to as a replica."""

from collections.abc import Mapping, Sequence
from typing import get_args

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.endpoints import ENDPOINTS, Endpoint
from tulou.contracts.serving.messages import OptionValue, ServedTask
from tulou.contracts.upstreams.messages import Provider
from tulou.kernel.errors import InvalidError

VERSIONS: Mapping[UpstreamDialect, str] = {
    "openai": "/v1",
    "responses": "/v1",
    "anthropic": "/v1",
    "gemini": "/v1beta",
    "bedrock": "",
}
"""What a dialect's own paths begin with: a base URL may hold it or not."""

_V1 = "/v1"
_AFTER_BASE: Mapping[str, str] = {
    facts.name: facts.upstream_path.removeprefix(_V1)
    for facts in ENDPOINTS.values()
    if facts.vendor != "anthropic" and facts.upstream_path.startswith(f"{_V1}/")
} | {
    "models": "/models",
}
"""Where OpenAI's clients look after a base URL, whatever that ends in."""

_TASKS: Mapping[Endpoint, ServedTask] = {
    facts.name: facts.known_for for facts in ENDPOINTS.values() if facts.known_for is not None
}


def address_of(base_url: str, dialect: UpstreamDialect, paths: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Return a replica's URL, which ends before the version, and the paths that differ from the dialect's own."""
    base, version = base_url.rstrip("/"), VERSIONS[dialect]
    if version and base.endswith(version):
        return base.removesuffix(version), {endpoint: version + path for endpoint, path in paths.items()}
    if dialect in ("openai", "responses"):
        return base, {**_AFTER_BASE, **paths}
    return base, dict(paths)


def probe_of(provider: Provider) -> str:
    """Return the address that is asked to see whether a place answers; empty where a connection must be enough."""
    if provider.probe == "connect":
        return ""
    if provider.probe.startswith("/"):
        return provider.base_url.rstrip("/") + provider.probe
    return models_of(provider)


def models_of(provider: Provider) -> str:
    """Return the address of the list of models; empty where nobody can ask for it."""
    if provider.probe == "connect":
        return ""
    url, paths = address_of(provider.base_url, provider.dialect, provider.paths)
    return url + paths.get("models", f"{VERSIONS[provider.dialect]}/models")


def task_of(option: OptionValue | None, providers: Sequence[Provider]) -> ServedTask:
    """Return what a model outside is for: as the option says, else the first that the first provider is known for."""
    tasks: tuple[ServedTask, ...] = get_args(ServedTask)
    for task in tasks:
        if option == task:
            return task
    if option is not None:
        known = ", ".join(get_args(ServedTask))
        raise InvalidError(f"options.task is {option!r}; it is one of {known}", param="options.task")
    can = providers[0].capabilities if providers else ()
    found: list[ServedTask] = [task for endpoint, task in _TASKS.items() if endpoint in can]
    return found[0] if found else "chat"
