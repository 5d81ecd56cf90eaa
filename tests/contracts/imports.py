"""Imports of LiteLLM's configurations, as tests look at them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tulou.cli.litellm import TranslatedHouse, translated
from tulou.services.upstreams.providers import known_providers

PROVIDERS = known_providers()
ENVIRONMENT: Mapping[str, str] = {"OPENAI_API_KEY": "sk-set", "ANTHROPIC_API_KEY": "sk-set", "AZURE_API_KEY": "sk-set"}


def brought_in(config: object, keys: object = None, **variables: str) -> TranslatedHouse:
    return translated(config, keys, providers=PROVIDERS, variables=variables)


def entry(model: str, *, name: str = "m", info: Mapping[str, object] | None = None, **params: object) -> dict[str, Any]:
    made: dict[str, Any] = {"model_name": name, "litellm_params": {"model": model, **params}}
    return {**made, "model_info": dict(info)} if info else made


def listed(*entries: Mapping[str, object], **more: object) -> dict[str, Any]:
    return {"model_list": list(entries), **more}


def one(model: str, **params: Any) -> dict[str, Any]:
    return listed(entry(model, **params))


def items(found: TranslatedHouse, section: str) -> Sequence[dict[str, Any]]:
    document: dict[str, Any] = dict(found.document)
    return document.get(section, [])


def named(found: TranslatedHouse, section: str, key: str = "name") -> dict[str, Any]:
    return {item[key]: item for item in items(found, section)}


def upstream(found: TranslatedHouse) -> dict[str, Any]:
    """Return the only account that there is."""
    (only,) = named(found, "upstreams").values()
    return only


def told(found: TranslatedHouse, *, kind: str = "") -> Sequence[str]:
    return [str(note) for note in found.notes if not kind or note.kind == kind]


def tells(found: TranslatedHouse, words: str, *, kind: str = "") -> bool:
    return any(words in note for note in told(found, kind=kind))
