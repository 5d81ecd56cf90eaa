"""What an upstream and a credential may be: each refusal names the field, and never says a secret."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import msgspec

from tulou.contracts.upstreams.messages import AddCredential, UpstreamSpec
from tulou.kernel.errors import InvalidError

URL_MOST = 2000
PATHS_MOST = 40
HEADERS_MOST = 20
SECRET_MOST = 16 * 1024
HINT_FROM = 12
"""So many characters a secret must have before its last four are shown."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_ENDPOINT = re.compile(r"[a-z_]{1,32}(\.stream)?")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/{}?-]{0,500}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_VALUE = re.compile(r"[\x20-\x7e]{0,1000}")
_VARIABLE = re.compile(r"[A-Za-z0-9._-]{1,100}")
_REFERENCE = re.compile(r"(env|file|secret)://[\x20-\x7e]{1,500}")
_PROVING = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization"})
_FRAMING = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "te", "upgrade"})


def check_spec(spec: UpstreamSpec) -> None:
    """Raise `InvalidError` for an upstream that cannot be, whatever its provider."""
    check_name("name", spec.name)
    if spec.base_url is not None:
        check_url(spec.base_url, param="base_url")
    for name, value in spec.variables.items():
        if not _VARIABLE.fullmatch(value):
            raise InvalidError(
                f"variables.{name} may have 1 to 100 letters, digits, `.`, `_`, `-`", param=f"variables.{name}"
            )
    check_paths(spec.paths or {})
    check_headers(spec.headers)


def check_name(param: str, name: str) -> None:
    """Raise `InvalidError` for what can be no name."""
    if not _NAME.fullmatch(name):
        raise InvalidError(
            f"{param} {name[:100]!r}: at most 63 letters, digits, `.`, `_` and `-`, the first a letter or digit",
            param=param,
        )


def check_url(text: str, *, param: str) -> None:
    """Raise `InvalidError` for what is no base URL; it is not repeated, for a user or a query in it may be secret."""
    if not _is_base_url(text):
        raise InvalidError(
            f"{param} must be http(s)://HOST[:PORT][/PATH], without user, query or fragment", param=param
        )


def _is_base_url(text: str) -> bool:
    if len(text) > URL_MOST or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    plain = not (url.username or url.password or url.query or url.fragment)
    return url.scheme in ("http", "https") and bool(url.hostname) and port != 0 and plain


def check_paths(paths: Mapping[str, str]) -> None:
    """Raise `InvalidError` for a path that does not follow a base URL."""
    if len(paths) > PATHS_MOST:
        raise InvalidError(f"paths has {len(paths)} entries; it may have {PATHS_MOST}", param="paths")
    for endpoint, path in paths.items():
        if not _ENDPOINT.fullmatch(endpoint) or not _PATH.fullmatch(path):
            why = "an endpoint, such as chat or chat.stream, is given a path that begins with a slash"
            raise InvalidError(f"paths.{endpoint[:40]}: {why}", param="paths")


def check_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Raise `InvalidError` for headers that frame a message, or that prove who asks: those are credentials."""
    given = list(headers)
    if len(given) > HEADERS_MOST:
        raise InvalidError(f"headers has {len(given)} entries; it may have {HEADERS_MOST}", param="headers")
    for name, value in given:
        if not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value):
            raise InvalidError(f"headers: {name[:64]!r} is no header with one printable line", param="headers")
        if name.lower() in _PROVING:
            raise InvalidError(
                f"headers: {name} proves who asks; add it as a credential, which is sealed", param="headers"
            )
        if name.lower() in _FRAMING:
            raise InvalidError(f"headers: {name} is the gateway's to set", param="headers")


def check_credential(request: AddCredential) -> None:
    """Raise `InvalidError` for what can be no credential."""
    check_name("name", request.name)
    if bool(request.secret) == bool(request.reference):
        raise InvalidError("give either the secret, or a reference to where it lies", param="secret")
    if request.reference and not _REFERENCE.fullmatch(request.reference):
        raise InvalidError(
            "reference must be env://NAME, file://PATH or secret://NAME, not the secret itself", param="reference"
        )
    if request.secret:
        clean_secret(request.secret)


def clean_secret(text: str) -> str:
    """Return a secret as it goes into headers; raise `InvalidError`, which never says it, for what cannot go there."""
    secret = text.strip()
    if secret.startswith("{"):
        secret = _compact(secret)
    if not secret or len(secret) > SECRET_MOST or not secret.isascii() or not secret.isprintable():
        raise InvalidError(f"secret must be one line of printable ASCII, at most {SECRET_MOST} long", param="secret")
    return secret


def hint_of(secret: str) -> str:
    """Return the end of a secret, by which people tell it from others; nothing of one that is short."""
    return secret[-4:] if len(secret) >= HINT_FROM and secret[-4:].isalnum() else ""


def _compact(secret: str) -> str:
    """Bring a JSON object, as the consoles of vendors offer it, onto one line."""
    try:
        return msgspec.json.encode(msgspec.json.decode(secret, type=dict[str, str])).decode()
    except msgspec.MsgspecError as error:
        raise InvalidError("secret begins like JSON and is no JSON object of texts", param="secret") from error
