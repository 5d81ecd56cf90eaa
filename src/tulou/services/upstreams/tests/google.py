"""A service account, and a giver of tokens that checks who asks as Google does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from tulou.kernel.clock import Clock
from tulou.kernel.errors import UnavailableError
from tulou.ports.token_endpoint import TokenReply

KEY = RSAKey.generate_key(2048)
TOKEN_URI = "https://oauth2.example/token"
EMAIL = "house@project.iam.gserviceaccount.example"


def account(**changes: str) -> str:
    """Return a service account's JSON as the console gives it: over several lines."""
    given = {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "key-1",
        "private_key": KEY.as_pem(private=True).decode(),
        "client_email": EMAIL,
        "client_id": "1234",
        "token_uri": TOKEN_URI,
    }
    return msgspec.json.format(msgspec.json.encode(given | changes), indent=2).decode()


def claims_of(form: Mapping[str, str], *, now: float, audience: str = TOKEN_URI) -> Mapping[str, Any]:
    """Return the claims of an assertion whose signature, kind and times hold; fail where one does not."""
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    token = jwt.decode(form["assertion"], KEY, algorithms=["RS256"])
    assert (token.header["alg"], token.header["kid"]) == ("RS256", "key-1")
    claims = token.claims
    assert (claims["iss"], claims["aud"]) == (EMAIL, audience)
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    assert claims["iat"] <= now + 60
    assert now < claims["exp"] <= claims["iat"] + 3600
    return claims


@dataclass
class FakeTokens:
    """Implements the port `TokenEndpoint`: gives a new token to each good assertion, or answers as a test says."""

    clock: Clock
    lasts_s: object = 3600
    reply: TokenReply | None = None
    away: bool = False
    asked: list[str] = field(default_factory=list[str])

    async def exchange(self, url: str, form: Mapping[str, str], *, timeout_s: float) -> TokenReply:
        assert timeout_s > 0
        self.asked.append(url)
        if self.away:
            raise UnavailableError("no token from oauth2.example")
        if self.reply is not None:
            return self.reply
        claims_of(form, now=self.clock.now())
        said = {"access_token": f"ya29.{len(self.asked)}", "token_type": "Bearer", "expires_in": self.lasts_s}
        return TokenReply(200, msgspec.json.encode(said))
