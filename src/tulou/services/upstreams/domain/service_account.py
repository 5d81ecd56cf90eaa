"""A service account of Google's, by the JSON that its console gives: checked, and made into an assertion of who asks.

The grant is that of RFC 7523, as https://developers.google.com/identity/protocols/oauth2/service-account has it.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tulou.kernel.errors import InvalidError

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_S = 3600
"""The longest that Google takes an assertion for."""

FIELD_CAP = 500
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ServiceAccount(NamedTuple):
    """Who asks, with which key, and whom; `key_id` says which of its keys it is."""

    email: str
    private_key: str
    key_id: str
    token_uri: str

    def __repr__(self) -> str:
        """Never the key."""
        return f"ServiceAccount({self.email})"


def is_service_account(secret: str) -> bool:
    """Say whether a secret is JSON; anything else is an API key."""
    return secret.startswith("{")


def parse(secret: str) -> ServiceAccount:
    """Return the account; raise `InvalidError`, which never says the secret, for JSON that is none."""
    try:
        given = msgspec.json.decode(secret, type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise InvalidError("the credential is no JSON object of texts", param="secret") from error
    if given.get("type") != "service_account":
        raise InvalidError(
            "the credential's type is not service_account: give the JSON key of a service account, or an API key",
            param="secret",
        )
    for name in ("client_email", "private_key", "token_uri"):
        if not given.get(name):
            raise InvalidError(f"the service account has no {name}", param="secret")
    if max(len(given["client_email"]), len(given["token_uri"]), len(given.get("private_key_id", ""))) > FIELD_CAP:
        raise InvalidError(f"a field of the service account is longer than {FIELD_CAP} characters", param="secret")
    if not _is_token_uri(given["token_uri"]):
        raise InvalidError("the service account's token_uri is no https address", param="secret")
    return ServiceAccount(
        email=given["client_email"],
        private_key=given["private_key"],
        key_id=given.get("private_key_id", ""),
        token_uri=given["token_uri"],
    )


def signing_key(account: ServiceAccount) -> RSAKey:
    """Return the key; raise `InvalidError` for what is no RSA key. It takes milliseconds."""
    try:
        key = RSAKey.import_key(account.private_key)
        private = key.is_private
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidError("the service account's private_key is no RSA key in PEM", param="secret") from error
    if not private:
        raise InvalidError("the service account's private_key is a public one", param="secret")
    return key


def assertion(account: ServiceAccount, *, at: float) -> str:
    """Return the signed word of the account that it asks for a token, at a Unix time. It takes milliseconds."""
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": account.key_id} if account.key_id else {})
    issued = int(at)
    claims = {
        "iss": account.email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": issued,
        "exp": issued + ASSERTION_S,
    }
    return jwt.encode(header, claims, signing_key(account), algorithms=["RS256"])


def _is_token_uri(text: str) -> bool:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and " " not in text and not (url.username or url.password)
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
    return plain and safe and bool(url.hostname) and port != 0
