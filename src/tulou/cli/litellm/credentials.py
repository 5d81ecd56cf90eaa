"""Where an entry's credential lies: by reference, or nowhere yet; a key that stands in a file is never copied."""

import re
from hashlib import sha256

from tulou.cli.litellm.known import Vendor
from tulou.cli.litellm.section import Section
from tulou.cli.litellm.variables import REFERENCE

PLACEHOLDERS = frozenset(
    {
        *("none", "null", "empty", "dummy", "fake", "fake-key", "fake-api-key", "anything", "any", "not-needed"),
        *("no-key", "no_key", "nokey", "na", "n/a", "placeholder", "ollama", "lm-studio", "local", "test", "xxx"),
    }
)
"""What people write where a server wants no key."""

UNTOLD = "(not told)"
"""Stands where an entry has an address of its own, and nobody says which key is for it."""

AWS_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
AWS_WAYS = (
    *("aws_profile_name", "aws_role_name", "aws_session_name", "aws_web_identity_token", "aws_sts_endpoint"),
    *("aws_external_id", "aws_role_arn"),
)
AZURE_WAYS = (
    *("azure_ad_token", "azure_ad_token_provider", "tenant_id", "client_id", "client_secret", "azure_scope"),
    *("azure_username", "azure_password"),
)
_SHELL = re.compile(r"\$\{?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}?")

LOCAL = ("ollama", "vllm", "lm-studio", "llamacpp")
"""Servers that want no key unless somebody gave them one."""

Found = tuple[str, str]
"""A reference to a credential, and the digest of a secret that was left out; each may be empty."""


def credential(params: Section, vendor: Vendor, provider: str) -> Found:
    """Return where the key of an entry lies."""
    key = params.take("api_key")
    if key == UNTOLD:
        return ("", "") if provider in LOCAL else ("", UNTOLD)
    if key is None or key == "":
        return _unwritten(params, vendor, provider)
    return _written(params, key)


def _written(params: Section, key: object) -> Found:
    if not isinstance(key, str):
        return _in_clear(params, str(key))
    if key.startswith(REFERENCE):
        return params.reading.variables.reference(key.removeprefix(REFERENCE).strip()), ""
    if match := _SHELL.fullmatch(key.strip()):
        why = f"LiteLLM sends ${match['name']} as that text; env://{match['name']} is taken, as it was meant"
        params.note("api_key", why, kind="differs")
        return params.reading.variables.reference(match["name"]), ""
    if key.strip().lower() in PLACEHOLDERS:
        params.note("api_key", "is taken for a placeholder, and no key is sent from here", kind="differs")
        return "", ""
    return _in_clear(params, key)


def _in_clear(params: Section, key: str) -> Found:
    params.note("api_key", "stands there in clear, and was left out", kind="to_do")
    return "", sha256(key.encode("utf-8", "replace")).hexdigest()


def _unwritten(params: Section, vendor: Vendor, provider: str) -> Found:
    """Return where LiteLLM looks when an entry has no key of its own."""
    other = _other_way(params, provider)
    if other is not None:
        return other
    variables = params.reading.variables
    if provider == "bedrock":
        name = vendor.keys[0]
        if variables.is_set(name):
            return variables.reference(name), ""
        params.note("aws_access_key_id", _BEDROCK, kind="to_do")
        return "", "the environment"
    local = provider in LOCAL or not vendor.keys
    if local and not any(variables.is_set(name) for name in vendor.keys):
        return "", ""
    return variables.credential(vendor.keys), ""


_BEDROCK = (
    "LiteLLM takes what boto3 finds (a key in the environment, a profile, a role); here an AWS key is one credential, "
    "written ID:SECRET[:TOKEN], or a bearer token in AWS_BEARER_TOKEN_BEDROCK"
)


def _other_way(params: Section, provider: str) -> Found | None:
    """Return nothing but a digest for what is proven otherwise than by a key, with a note; None if it is not."""
    aws = {name: params.take(name) for name in AWS_KEYS}
    if any(aws.values()):
        params.note("aws_access_key_id", "an AWS key is one credential here, written ID:SECRET[:TOKEN]", kind="to_do")
        return "", sha256(repr(aws).encode()).hexdigest()
    given = {name: value for name in (*AWS_WAYS, *AZURE_WAYS) if (value := params.take(name))}
    for name in given:
        words = "is no way to prove who asks here: an upstream has a key" if provider else ""
        params.note(name, f"{words}, which is added as a credential", kind="to_do")
    return ("", sha256(repr(given).encode()).hexdigest()) if given else None
