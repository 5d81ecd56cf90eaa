"""OpenID Connect without the network: what to ask, what to believe, and who it makes of somebody."""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tulou.contracts.identity.messages import RoleBinding
from tulou.kernel.addresses import without_userinfo
from tulou.kernel.errors import ForbiddenError, InvalidError, UnauthenticatedError
from tulou.kernel.message import message
from tulou.services.identity.domain.names import email_of
from tulou.services.identity.settings import OpenIdProvider

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures by a key that only the provider has: no `none`, and no HMAC, whose key we would have too."""
LEEWAY_S = 60
SUBJECT_CAP = 255
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
RESERVED = frozenset({"providers", "callback"})
_PROVIDER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CODE = re.compile(r"[a-z_]{1,64}")


@message
class PendingSignIn:
    """What is remembered while somebody is at a provider."""

    provider: str
    nonce: str
    verifier: str
    redirect_uri: str
    return_to: str


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """What a provider vouches for; `email` is empty unless it was verified there and its domain is trusted here."""

    issuer: str
    subject: str
    name: str
    email: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderEndpoints:
    """Where a provider does what, from its discovery document."""

    authorization: str
    token: str
    jwks: str
    userinfo: str
    posts_secret: bool


def random_text() -> str:
    """Return 256 random bits: a state, a nonce, a code verifier (RFC 7636, 43 characters)."""
    return secrets.token_urlsafe(32)


def check_return(return_to: str) -> str:
    """Return where to go afterwards; raise `InvalidError` for anywhere but a path of this house."""
    one_slash = return_to.startswith("/") and not return_to.startswith(("//", "/\\"))
    if not one_slash or not return_to.isprintable() or len(return_to) > 1000:  # noqa: PLR2004 - more than a path of ours
        raise InvalidError("return_to is a path of this house, such as /models", param="return_to")
    return return_to


def endpoints(document: Mapping[str, Any], *, issuer: str) -> ProviderEndpoints:
    """Read a discovery document; raise `InvalidError` for one of another issuer or with addresses in the clear."""
    if document.get("issuer") != issuer:
        raise InvalidError(f"the provider calls itself {str(document.get('issuer'))[:200]!r}, not {issuer!r}")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    found = [_secure(document.get(name), name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    more = document.get("userinfo_endpoint")
    userinfo = _secure(more, "userinfo_endpoint") if more else ""
    return ProviderEndpoints(*found, userinfo=userinfo, posts_secret="client_secret_basic" not in methods)


def check_names(names: Sequence[str]) -> None:
    """Raise `InvalidError` for names of providers that cannot be part of a path, or that are there twice."""
    for name in names:
        if not _PROVIDER.fullmatch(name) or name in RESERVED or names.count(name) > 1:
            why = f"each its own, of a-z, 0-9 and -, none of them {' or '.join(sorted(RESERVED))}"
            raise InvalidError(f"[identity] providers: {name[:100]!r} is no name for one: {why}", param="providers")


def check_issuer(issuer: str) -> None:
    """Raise `InvalidError` for an issuer that anybody on the way could speak for."""
    _secure(issuer, "issuer")


def authorization_url(endpoint: str, errand: PendingSignIn, *, state: str, provider: OpenIdProvider) -> str:
    """Return where the browser asks for a code: authorization code flow with PKCE (S256), state and nonce."""
    challenge = urlsafe_b64encode(hashlib.sha256(errand.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": errand.redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": errand.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"


def check_error(error: str) -> None:
    """Raise `UnauthenticatedError` for an error that a provider sent instead of a code."""
    if error:
        said = error if _CODE.fullmatch(error) else "something that is no error code"
        raise UnauthenticatedError(f"the provider did not let you in ({said}); try again, or ask who runs it")


def claims_of(token: str, keys: KeySet, *, provider: OpenIdProvider, nonce: str, now: float) -> Mapping[str, Any]:
    """Return what an ID token says; raise `UnauthenticatedError` unless all of it holds (OpenID Core 3.1.3.7)."""
    wanted = jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        wanted.validate(claims)
    except (JoseError, ValueError) as error:
        raise UnauthenticatedError(f"the provider's ID token does not hold: {type(error).__name__}") from error
    if claims["nonce"] != nonce:  # the registry would also take a list with it
        raise UnauthenticatedError("the provider's ID token does not hold: its nonce is another's")
    several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else provider.client_id) != provider.client_id:
        raise UnauthenticatedError("the provider's ID token was made for another client")
    return claims


def wants_more(claims: Mapping[str, Any], *, provider: OpenIdProvider) -> bool:
    """Say whether the ID token left out what many providers tell at their user info endpoint alone."""
    wanted = {"email", provider.groups_claim} - {""}
    return not wanted <= set(claims)


def with_info(claims: Mapping[str, Any], info: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the claims with those of user info behind them; raise `UnauthenticatedError` if it is about another."""
    if info.get("sub") != claims["sub"]:
        raise UnauthenticatedError("the provider's user info is about somebody else than its ID token")
    return {**info, **claims}


def person_of(claims: Mapping[str, Any], *, provider: OpenIdProvider) -> ProviderIdentity:
    """Return whom claims describe; raise `ForbiddenError` for somebody whose domain is not among those allowed."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_CAP:
        raise UnauthenticatedError(
            f"the provider's ID token has no usable subject; it has 1 to {SUBJECT_CAP} characters"
        )
    email = _verified_email(claims)
    domains = {domain.lower() for domain in provider.allowed_domains}
    if domains and email.rpartition("@")[2] not in domains:
        raise ForbiddenError(
            f"{provider.title or provider.name} may bring in people with a verified e-mail address at "
            f"{', '.join(sorted(domains))} alone"
        )
    name = claims.get("name")
    return ProviderIdentity(
        issuer=provider.issuer,
        subject=subject,
        name=name.strip()[:200] if isinstance(name, str) and name.strip().isprintable() else "",
        email=email,
        groups=_groups(claims.get(provider.groups_claim) if provider.groups_claim else None),
    )


def roles_by_groups(
    person: ProviderIdentity, bindings: tuple[RoleBinding, ...], *, provider: OpenIdProvider
) -> tuple[RoleBinding, ...]:
    """Return bindings in which the roles that groups decide are as the groups say today."""
    if not provider.groups_claim:
        return bindings
    decided = set(provider.group_roles.values())
    given = {role for group, role in provider.group_roles.items() if group in person.groups}
    kept = [binding for binding in bindings if binding.project or binding.role not in decided - given]
    held = {binding.role for binding in kept if not binding.project}
    return (*kept, *(RoleBinding(role=role) for role in sorted(given - held)))


def _groups(listed: object) -> tuple[str, ...]:
    if isinstance(listed, list):
        return tuple(str(group) for group in cast("list[object]", listed))
    return (listed,) if isinstance(listed, str) else ()


def _verified_email(claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
        return ""
    try:
        return email_of(email)
    except InvalidError:
        return ""


def _secure(url: object, name: str) -> str:
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    except ValueError as error:
        raise InvalidError(f"{name} {_shown(url)!r} is no address; look at the issuer") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise InvalidError(f"{name} {_shown(url)!r} is not https; only a provider on this machine may do without")
    return str(url)


def _shown(url: object) -> str:
    return without_userinfo(str(url))[:200]
