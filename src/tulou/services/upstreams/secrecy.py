"""Credentials between their three forms: as given, as kept, as shown; only `open` brings a secret back."""

from collections.abc import Sequence

from tulou.chassis.vault import Vault
from tulou.contracts.upstreams.messages import (
    AddCredential,
    Credential,
    OpenedCredential,
    Provider,
    UpstreamSpec,
)
from tulou.kernel.errors import DeadlineError, InvalidError, TulouError, UnavailableError
from tulou.ports.credentials import Credentials
from tulou.services.upstreams.access_tokens import AccessTokens
from tulou.services.upstreams.domain.checks import clean_secret, hint_of
from tulou.services.upstreams.domain.proof import proof_of
from tulou.services.upstreams.domain.service_account import is_service_account, parse
from tulou.services.upstreams.store import StoredCredential

REGION = "region"
"""The variable of an upstream that requests are signed for, where they are."""


class SecretStorage:
    """Secrets go to the vault, references stay references until they are opened."""

    def __init__(self, vault: Vault, credentials: Credentials, tokens: AccessTokens) -> None:
        self._vault = vault
        self._credentials = credentials
        self._tokens = tokens

    def renew(self, credential: str) -> bool:
        """Forget the token of a service account that was refused; say whether that may have been for its age."""
        return self._tokens.forget(credential)

    async def keep(self, request: AddCredential, *, id_: str, now: float) -> StoredCredential:
        """Return what is kept of a new credential."""
        secret = clean_secret(request.secret) if request.secret else ""
        sealed = await self._vault.seal(secret.encode(), bound_to=_bond(id_)) if secret else ""
        return StoredCredential(
            id=id_,
            upstream=request.upstream,
            name=request.name,
            sealed=sealed,
            reference=request.reference,
            hint=hint_of(secret),
            state="active",
            why="",
            until=0.0,
            created_at=now,
            changed_at=now,
        )

    async def shown(self, stored: StoredCredential, *, now: float) -> Credential:
        """Return a credential as it may be seen; a reference that leads nowhere says so."""
        rested = stored.state == "cooling" and stored.until <= now
        return Credential(
            id=stored.id,
            upstream=stored.upstream,
            name=stored.name,
            state="active" if rested else stored.state,
            hint=stored.hint,
            reference=stored.reference,
            why="" if rested else stored.why or await self._lost(stored),
            created_at=stored.created_at,
            changed_at=stored.changed_at,
        )

    async def open(
        self, provider: Provider, spec: UpstreamSpec, credentials: Sequence[StoredCredential]
    ) -> tuple[OpenedCredential, ...]:
        """Return all that are in use; raise `InvalidError` where one is needed and none is usable.

        Where one may be usable later, since whoever opens it or gives its token is away, `UnavailableError` says so.
        """
        opened: list[OpenedCredential] = []
        away: list[TulouError] = []
        whys = [f"{one.name}: {one.why}" for one in credentials if one.state == "retired"]
        for one in credentials:
            if one.state == "retired":
                continue
            try:
                opened.append(await self._opened(provider, spec, one))
            except TulouError as error:
                whys.append(f"{one.name}: {error}")
                if isinstance(error, UnavailableError | DeadlineError):
                    away.append(error)
        if not opened and (credentials or provider.auth != "none"):
            why = f"none is in use ({'; '.join(whys)})" if whys else "it has none"
            needs = f"upstream {spec.name!r} needs a credential and {why}"
            if away:
                raise UnavailableError(needs, retry_after_s=away[0].retry_after_s)
            raise InvalidError(f"{needs}; `tulou credentials add {spec.name}` adds one")
        return tuple(opened)

    async def _opened(self, provider: Provider, spec: UpstreamSpec, stored: StoredCredential) -> OpenedCredential:
        secret = await self._secret(stored)
        if provider.auth == "google" and is_service_account(secret):
            token = await self._tokens.token(stored.id, parse(secret))
            return OpenedCredential(id=stored.id, headers=(("authorization", f"Bearer {token}"),))
        region = spec.variables.get(REGION, "")
        return OpenedCredential(id=stored.id, headers=proof_of(provider.auth, secret, region=region))

    async def _secret(self, stored: StoredCredential) -> str:
        if stored.reference:
            return clean_secret(await self._credentials.reveal(stored.reference))
        return (await self._vault.open(stored.sealed, bound_to=_bond(stored.id))).decode()

    async def _lost(self, stored: StoredCredential) -> str:
        if not stored.reference:
            return ""
        try:
            clean_secret(await self._credentials.reveal(stored.reference))
        except TulouError as error:
            return str(error)
        return ""


def _bond(credential: str) -> str:
    return f"upstreams/{credential}"
