"""An OpenID provider in a few lines, which also lies on demand: it gives out whatever tokens a test wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tulou.kernel.errors import UnauthenticatedError, UnavailableError
from tulou.testing.clock import ManualClock

ISSUER = "https://login.example"
CLIENT = "tulou"


def new_key(kid: str) -> RSAKey:
    """Return a key as providers sign with."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@cache
def first_key() -> RSAKey:
    """Return the same key each time: making one takes a tenth of a second."""
    return new_key("first")


@dataclass
class SmallProvider:
    """Implements the port `OpenIdProviders`; `say` changes the claims of the next token, `key` signs it."""

    clock: ManualClock
    key: RSAKey | ECKey = field(default_factory=first_key)
    published: list[RSAKey | ECKey] = field(default_factory=list[RSAKey | ECKey])
    say: dict[str, Any] = field(default_factory=dict[str, Any])
    discovery: dict[str, Any] = field(default_factory=dict[str, Any])
    token: str | None = None
    info: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: list[str] = field(default_factory=list[str])
    forms: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    basic: tuple[str, str] | None = None
    nonces: dict[str, str] = field(default_factory=dict[str, str])
    away: bool = False

    async def document(self, url: str, *, bearer: str = "", timeout_s: float) -> Mapping[str, Any]:
        del timeout_s
        self.asked.append(url)
        if self.away:
            raise UnavailableError("no answer")
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/auth",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/jwks",
            } | self.discovery
        if url == f"{ISSUER}/me":
            assert bearer == "access"
            return self.info
        assert url == f"{ISSUER}/jwks"
        keys = [key.as_dict(private=False) for key in self.published or [self.key]]
        return {"keys": [*keys, {"kty": "oct", "k": "AAAA"}, {"kty": "future"}, "no key"]}

    async def exchange(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None, timeout_s: float
    ) -> Mapping[str, Any]:
        del timeout_s
        assert url == f"{ISSUER}/token"
        self.forms.append(form)
        self.basic = basic
        if form["code"] not in self.nonces:
            raise UnauthenticatedError("the provider refused the code (invalid_grant)")
        return {"id_token": self.token or self.signed(self.nonces[form["code"]]), "access_token": "access"}

    def signed(self, nonce: str) -> str:
        """Return an ID token."""
        now = int(self.clock.now())
        claims = {"iss": ISSUER, "aud": CLIENT, "sub": "s-1", "exp": now + 300, "iat": now, "nonce": nonce} | self.say
        told = {name: value for name, value in claims.items() if value is not None}
        algorithm = "ES256" if isinstance(self.key, ECKey) else "RS256"
        return jwt.encode({"alg": algorithm, "kid": self.key.kid}, told, self.key, algorithms=[algorithm])

    def visit(self, location: str) -> str:
        """Let a browser in; return the code that it brings back."""
        query = parse_qs(urlsplit(location).query)
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = query["nonce"][0]
        return code
