"""The OpenID providers of the settings: where each does what, and the keys that it signs with."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from tulou.contracts.identity.messages import IdentityProvider, IdentityProviders
from tulou.kernel.clock import Clock
from tulou.kernel.errors import NotFoundError, UnauthenticatedError, UnavailableError
from tulou.ports.credentials import Credentials
from tulou.ports.openid import OpenIdProviders
from tulou.services.identity.domain.openid import (
    PendingSignIn,
    ProviderEndpoints,
    check_issuer,
    check_names,
    claims_of,
    endpoints,
    wants_more,
    with_info,
)
from tulou.services.identity.settings import IdentitySettings, OpenIdProvider

DISCOVERY = "/.well-known/openid-configuration"
KEPT_S = 3600.0
AGAIN_S = 60.0
"""How soon keys are asked for again because a token names one that is not among them: providers change their keys."""


@dataclass(slots=True)
class _Known:
    """What was learnt of a provider, and when by the monotonic clock."""

    endpoints: ProviderEndpoints | None = None
    endpoints_at: float = 0.0
    keys: KeySet | None = None
    keys_at: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class ProviderCache:
    """Documents are asked for when somebody first needs them, and kept an hour."""

    def __init__(
        self, web: OpenIdProviders, credentials: Credentials, *, clock: Clock, settings: IdentitySettings
    ) -> None:
        self._web = web
        self._credentials = credentials
        self._clock = clock
        self._settings = settings
        check_names([provider.name for provider in settings.providers])
        self._by_name = {provider.name: provider for provider in settings.providers}
        self._known = {name: _Known() for name in self._by_name}

    def listed(self) -> IdentityProviders:
        """Return the providers as the sign-in page shows them."""
        items = (IdentityProvider(name=one.name, title=one.title or one.name) for one in self._settings.providers)
        return IdentityProviders(items=tuple(items), passwords=self._settings.passwords)

    def provider(self, name: str) -> OpenIdProvider:
        """Return a provider; raise `NotFoundError` for an unknown one."""
        if name not in self._by_name:
            raise NotFoundError(f"no provider {name[:100]!r}; `GET /api/v1/sign-in/providers` lists those there are")
        return self._by_name[name]

    async def endpoints(self, provider: OpenIdProvider) -> ProviderEndpoints:
        """Return where a provider does what."""
        known = self._known[provider.name]
        async with known.asking:
            now = self._clock.monotonic()
            if known.endpoints is None or now - known.endpoints_at > KEPT_S:
                check_issuer(provider.issuer)
                document = await self._document(provider.issuer.rstrip("/") + DISCOVERY)
                known.endpoints, known.endpoints_at = endpoints(document, issuer=provider.issuer), now
            return known.endpoints

    async def claims(self, provider: OpenIdProvider, errand: PendingSignIn, code: str) -> Mapping[str, Any]:
        """Return what a provider says of whom it gave a code; raise `UnauthenticatedError` unless all of it holds."""
        answer = await self._exchanged(provider, errand, code)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise UnauthenticatedError("the provider gave no ID token; ask for the scope `openid`")
        keys = await self._keys(provider, token)
        claims = claims_of(token, keys, provider=provider, nonce=errand.nonce, now=self._clock.now())
        return await self._informed(provider, claims, answer.get("access_token"))

    async def _informed(self, provider: OpenIdProvider, claims: Mapping[str, Any], access: object) -> Mapping[str, Any]:
        places = await self.endpoints(provider)
        if not places.userinfo or not isinstance(access, str) or not wants_more(claims, provider=provider):
            return claims
        timeout_s = self._settings.provider_timeout_s
        return with_info(claims, await self._web.document(places.userinfo, bearer=access, timeout_s=timeout_s))

    async def _exchanged(self, provider: OpenIdProvider, errand: PendingSignIn, code: str) -> Mapping[str, Any]:
        places = await self.endpoints(provider)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": errand.redirect_uri,
            "code_verifier": errand.verifier,
        }
        secret = await self._credentials.reveal(provider.client_secret) if provider.client_secret else ""
        basic = (provider.client_id, secret) if secret and not places.posts_secret else None
        if basic is None:
            form |= {"client_id": provider.client_id} | ({"client_secret": secret} if secret else {})
        timeout_s = self._settings.provider_timeout_s
        return await self._web.exchange(places.token, form, basic=basic, timeout_s=timeout_s)

    async def _keys(self, provider: OpenIdProvider, token: str) -> KeySet:
        """Return the provider's keys; ask anew where the token names one that is not among them."""
        places = await self.endpoints(provider)
        known = self._known[provider.name]
        async with known.asking:
            now = self._clock.monotonic()
            age = now - known.keys_at
            if known.keys is None or age > KEPT_S or (age > AGAIN_S and not _has(known.keys, token)):
                document = await self._document(places.jwks)
                known.keys, known.keys_at = _key_set(document, provider), now
            return known.keys

    async def _document(self, url: str) -> Mapping[str, Any]:
        return await self._web.document(url, timeout_s=self._settings.provider_timeout_s)


def _has(keys: KeySet, token: str) -> bool:
    try:
        wanted = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return True  # no other keys will make it a token
    return wanted is None or any(key.kid == wanted for key in keys.keys)


def _key_set(document: Mapping[str, Any], provider: OpenIdProvider) -> KeySet:
    """Return the keys for signatures; those of kinds that are not known here are passed over."""
    listed = document.get("keys")
    found = [key for key in cast("list[object]", listed) if _signs(key)] if isinstance(listed, list) else []
    try:
        return KeySet.import_key_set(cast("KeySetSerialization", {"keys": found}))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise UnavailableError(f"the keys of {provider.name} cannot be read ({type(error).__name__})") from error


def _signs(key: object) -> bool:
    if not isinstance(key, dict):
        return False
    known = cast("dict[str, object]", key)
    return known.get("kty") in ("RSA", "EC", "OKP") and known.get("use", "sig") == "sig"
