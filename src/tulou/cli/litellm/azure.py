"""Azure's two ways: deployments with a version in the query, and the address `/openai/v1`."""

import re

from tulou.cli.litellm.accounts import ImportedUpstream

DEFAULT_VERSION = "2025-02-01-preview"
"""What LiteLLM takes when neither the entry nor $AZURE_API_VERSION says one (`AZURE_DEFAULT_API_VERSION`)."""

UNVERSIONED = ("preview", "latest", "v1")
ENDPOINTS = ("chat/completions", "completions", "embeddings")
SERIES = ("o_series/", "gpt5_series/")
"""What LiteLLM lets stand before a deployment, to say which family it is of."""

RESPONSES_VERSIONS = ("preview", "latest", "v1", "")
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,40}")
_DEPLOYMENT = re.compile(r"/openai/deployments/[^/]+(/(chat/completions|completions|embeddings))?$")


def account(base_url: str, version: str) -> ImportedUpstream | None:
    """Return where deployments are called; None for what is no version."""
    base_url = _DEPLOYMENT.sub("", base_url)
    if version in UNVERSIONED:
        return ImportedUpstream("azure-openai", base_url=f"{base_url}/openai/v1", auth="bearer")
    version = version or DEFAULT_VERSION
    if not _VERSION.fullmatch(version):
        return None
    paths = {path.partition("/")[0]: f"/deployments/{{model}}/{path}?api-version={version}" for path in ENDPOINTS}
    paths["models"] = f"/models?api-version={version}"
    return ImportedUpstream("azure-openai-deployments").at(f"{base_url}/openai", **paths)


def responses_account(base_url: str, version: str) -> ImportedUpstream | None:
    """Return where Azure's Responses API is called, which has no deployment in its path; None for no version."""
    base_url = _DEPLOYMENT.sub("", base_url)
    if version not in RESPONSES_VERSIONS and not _VERSION.fullmatch(version):
        return None
    path = f"/responses?api-version={version or 'preview'}"
    account = ImportedUpstream("azure-openai", dialect="responses")
    if version in RESPONSES_VERSIONS:
        return account.at(f"{base_url}/openai/v1", chat=path, responses=path)
    models = f"/models?api-version={version}"
    return account.at(f"{base_url}/openai", chat=path, responses=path, models=models)


def deployment(name: str) -> str:
    """Return a deployment's name without the family before it."""
    return next((name.removeprefix(series) for series in SERIES if name.startswith(series)), name)
