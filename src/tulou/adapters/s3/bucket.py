"""From a URL to a bucket: endpoint, region and keys, which are named and never written in the URL itself."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from obstore.store import S3Store

from tulou.kernel.egress import address_of
from tulou.kernel.errors import InvalidError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

DEFAULT_REGION = "us-east-1"
REQUEST_S = 60
CONNECT_S = 5
RETRIES = 4
RETRY_S = 30
DIRECT = ("localhost", "127.0.0.0/8", "::1", "169.254.0.0/16", "fd00:ec2::/32")
"""Never asked through a proxy: this machine, and where clouds tell a machine its own credentials."""


def bucket(url: str) -> S3Store:
    """Return the store behind `s3://BUCKET/PREFIX?endpoint=URL&region=R&access_key=REF&secret_key=REF&proxy=URL`.

    A REF is `env://NAME` or `file://PATH`; without them the usual AWS_* variables and instance roles are asked. The
    proxy may be one too; without it the usual variables of proxies are asked. `no_proxy` are names and networks with
    spaces between them.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    unknown = query.keys() - {"endpoint", "region", "access_key", "secret_key", "style", "proxy", "no_proxy"}
    if unknown or not parts.netloc or parts.username:
        raise InvalidError(
            f"s3://{parts.hostname or ''}: write s3://BUCKET/PREFIX?endpoint=URL&region=R&access_key=env://NAME"
            f"&secret_key=env://NAME&style=path|host (not {', '.join(sorted(unknown)) or 'keys in the URL'})"
        )
    return S3Store(
        parts.netloc,
        prefix=_prefix(parts),
        config=_config(query),
        client_options=_client(query),
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_S)},
    )


def _config(query: Mapping[str, str]) -> "S3Config":
    own = "endpoint" in query
    config: S3Config = {
        "region": query.get("region") or os.environ.get("AWS_REGION") or DEFAULT_REGION,
        "virtual_hosted_style_request": query.get("style", "path" if own else "host") == "host",
        "copy_if_not_exists": "multipart",
    }
    if own:
        config["endpoint"] = query["endpoint"]
    if "access_key" in query:
        config["access_key_id"] = _secret("access_key", query["access_key"])
    if "secret_key" in query:
        config["secret_access_key"] = _secret("secret_key", query["secret_key"])
    return config


def _client(query: Mapping[str, str]) -> "ClientConfig":
    client: ClientConfig = {
        "allow_http": query.get("endpoint", "").startswith("http://"),
        "connect_timeout": timedelta(seconds=CONNECT_S),
        "timeout": timedelta(seconds=REQUEST_S),
    }
    if "proxy" in query:
        client["proxy_url"] = address_of(query["proxy"], os.environ, Path.read_text)
        client["proxy_excludes"] = ",".join((*DIRECT, *query.get("no_proxy", "").split()))
    return client


def _prefix(parts: SplitResult) -> str | None:
    return unquote(parts.path).strip("/") or None


def _secret(name: str, reference: str) -> str:
    parts = urlsplit(reference)
    try:
        match parts.scheme:
            case "env":
                return os.environ[parts.netloc]
            case "file":
                return Path(unquote(parts.netloc + parts.path)).read_text("utf-8").strip()
            case _:
                raise InvalidError(f"{name} in an s3:// URL must be env://NAME or file://PATH, never the key itself")
    except (KeyError, OSError) as error:
        raise InvalidError(f"{name} in an s3:// URL is {reference}, which is not there") from error
