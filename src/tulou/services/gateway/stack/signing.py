"""AWS Signature Version 4, as far as one POST with a whole body needs it."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from tulou.chassis.http.request import Header
from tulou.services.gateway.stack.failure import AttemptFailedError

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "bedrock"
ACCESS, SECRET, SESSION, REGION = (
    "x-aws-access-key-id",
    "x-aws-secret-access-key",
    "x-aws-session-token",
    "x-aws-region",
)
"""What the credential's headers are called here; they are never sent."""

_REGION = re.compile(r"[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.")


class AwsKey(NamedTuple):
    """What requests are signed with."""

    access: str
    secret: str
    session: str
    region: str
    service: str = SERVICE

    def __repr__(self) -> str:
        """Never the secret."""
        return f"AwsKey({self.access}, {self.region})"


def aws_key(headers: Mapping[str, str], host: str) -> AwsKey:
    """Return the key in a credential; raise `AttemptFailedError` for one without, or without a region."""
    named = _REGION.search(f".{host}.")
    region = headers.get(REGION) or (named[1] if named else "")
    if not headers.get(ACCESS) or not headers.get(SECRET) or not region:
        raise AttemptFailedError("credential", "the credential is no AWS key with a region to sign with")
    return AwsKey(headers[ACCESS], headers[SECRET], headers.get(SESSION, ""), region)


def signed(key: AwsKey, *, target: str, headers: Iterable[tuple[str, str]], body: bytes, at: float) -> list[Header]:
    """Return the headers that sign a POST to `target` made at this Unix time; `headers` are signed too."""
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    added = [("x-amz-date", stamp), *([("x-amz-security-token", key.session)] if key.session else [])]
    authorization = authorize(key, method="POST", target=target, headers=[*headers, *added], body=body, stamp=stamp)
    return [
        (name.encode("ascii"), value.encode("latin-1")) for name, value in (*added, ("authorization", authorization))
    ]


def authorize(
    key: AwsKey, *, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes, stamp: str
) -> str:
    """Return the value of the header `authorization`."""
    scope = f"{stamp[:8]}/{key.region}/{key.service}/aws4_request"
    named, request = canonical(method=method, target=target, headers=headers, body=body)
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signing = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    signature = hmac.digest(signing, to_sign.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={key.access}/{scope}, SignedHeaders={named}, Signature={signature}"


def canonical(*, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> tuple[str, str]:
    """Return the names of the signed headers, and the request in its one canonical form."""
    path, _, query = target.partition("?")
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(" ".join(value.split()))
    lines = "".join(f"{name}:{','.join(values[name])}\n" for name in sorted(values))
    named = ";".join(sorted(values))
    digest = hashlib.sha256(body).hexdigest()
    # each segment is encoded once more than it travels, which the published rules demand of all services but S3
    return named, f"{method}\n{quote(path, safe='/-_.~')}\n{_query(query)}\n{lines}\n{named}\n{digest}"


def _query(query: str) -> str:
    pairs = sorted((name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part))
    return "&".join(f"{name}={value}" for name, value in pairs)
