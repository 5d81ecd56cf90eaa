"""How a credential is proven: the headers that it comes as, by the provider's style."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.contracts.upstreams.messages import AuthStyle
from tulou.kernel.errors import InvalidError

Headers = tuple[tuple[str, str], ...]

_AWS = MappingProxyType(
    {
        "access_key_id": "x-aws-access-key-id",
        "secret_access_key": "x-aws-secret-access-key",
        "session_token": "x-aws-session-token",
        "region": "x-aws-region",
    }
)
_AWS_ORDER = ("access_key_id", "secret_access_key", "session_token")
_PLAIN: Mapping[str, str] = MappingProxyType(
    {"x-api-key": "x-api-key", "api-key": "api-key", "x-goog-api-key": "x-goog-api-key"}
)


def proof_of(style: AuthStyle, secret: str, *, region: str = "") -> Headers:
    """Return the headers of a secret; raise `InvalidError`, which never says it, for one of the wrong shape.

    With the style `none` no credential is needed, and one that is given all the same is a bearer token. An API key of
    the style `google` is a header; a service account is not sent, but a token that it gets.
    """
    if style in _PLAIN:
        return ((_PLAIN[style], secret),)
    if style == "google":
        return (("x-goog-api-key", secret),)
    if style == "aws" and (key := _aws_key(secret)):
        return tuple((_AWS[name], value) for name, value in {"region": region, **key}.items() if value)
    return (("authorization", f"Bearer {secret}"),)


def _aws_key(secret: str) -> Mapping[str, str]:
    """Return the parts of `ID:SECRET[:TOKEN]` or of AWS's JSON; nothing for an API key of Bedrock, which is a token."""
    if secret.startswith("{"):
        return _from_json(secret)
    parts = secret.split(":", 2)
    return dict(zip(_AWS_ORDER, parts, strict=False)) if len(parts) > 1 else {}


def _from_json(secret: str) -> Mapping[str, str]:
    given = msgspec.json.decode(secret, type=dict[str, str])
    key = {_snake(name): value for name, value in given.items() if _snake(name) in _AWS}
    if not key.get("access_key_id") or not key.get("secret_access_key"):
        raise InvalidError("an AWS credential in JSON has access_key_id and secret_access_key", param="secret")
    if not all(value.isascii() and value.isprintable() for value in key.values()):
        raise InvalidError("an AWS credential is printable ASCII", param="secret")
    return key


def _snake(name: str) -> str:
    """Read `AccessKeyId` and `aws_access_key_id` as `access_key_id`."""
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_")
    return spaced.removeprefix("aws_")
