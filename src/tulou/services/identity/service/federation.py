"""Signing in at an OpenID provider: authorization code with PKCE, and whom it makes of somebody here."""

import hashlib
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import msgspec

from tulou.contracts.identity.events import PRINCIPAL_CHANGED, PrincipalChanged
from tulou.contracts.identity.messages import (
    BeginFederated,
    Federated,
    FinishedFederated,
    FinishFederated,
    Principal,
    RoleBinding,
    SignedIn,
)
from tulou.kernel.context import as_house
from tulou.kernel.errors import ConflictError, InvalidError, UnauthenticatedError
from tulou.ports.cache import Cache
from tulou.ports.database import Transaction
from tulou.services.identity.domain import openid
from tulou.services.identity.domain.names import check_name
from tulou.services.identity.domain.openid import PendingSignIn, ProviderIdentity
from tulou.services.identity.service.authentication import check_acting
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.counters import SignInCounters
from tulou.services.identity.service.owners import check_place
from tulou.services.identity.service.providers import ProviderCache
from tulou.services.identity.service.sessions import Sessions
from tulou.services.identity.service.shares import check_room_for_principal
from tulou.services.identity.settings import OpenIdProvider
from tulou.services.identity.store import principals, tenants
from tulou.services.identity.store.principals import StoredPrincipal as Kept

ERRAND_S = 600.0
"""How long somebody may take at a provider."""
REDIRECT_CAP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """What somebody was sent away with is kept in the cache, opened by the state that comes back, once."""

    room: UseCaseContext
    providers: ProviderCache
    sessions: Sessions
    cache: Cache
    counters: SignInCounters

    async def begin(self, request: BeginFederated) -> Federated:
        """Begin an authorization code flow with PKCE."""
        provider = self.providers.provider(request.provider)
        if len(request.redirect_uri) > REDIRECT_CAP:
            raise InvalidError(f"redirect_uri has more than {REDIRECT_CAP} characters", param="redirect_uri")
        places = await self.providers.endpoints(provider)
        state = openid.random_text()
        errand = PendingSignIn(
            provider=provider.name,
            nonce=openid.random_text(),
            verifier=openid.random_text(),
            redirect_uri=self._redirect(request.redirect_uri),
            return_to=openid.check_return(request.return_to),
        )
        await self.cache.put(_key(state), msgspec.json.encode(errand), ttl_s=ERRAND_S)
        location = openid.authorization_url(places.authorization, errand, state=state, provider=provider)
        return Federated(location=location, state=state, secure=self.room.settings.secure)

    async def finish(self, request: FinishFederated) -> FinishedFederated:
        """Check what came back, and open a session."""
        with self.counters.counted("oidc") as tried:
            finished = await self._finish(request)
            tried.outcome = "ok"
            return finished

    async def _finish(self, request: FinishFederated) -> FinishedFederated:
        errand = await self._errand(request.state)
        provider = self.providers.provider(errand.provider)
        if request.issuer and request.issuer != provider.issuer:
            raise UnauthenticatedError("another provider answered than the one that was asked; sign in again")
        openid.check_error(request.error)
        if not request.code:
            raise UnauthenticatedError("the provider sent no code; sign in again")
        claims = await self.providers.claims(provider, errand, request.code)
        person = openid.person_of(claims, provider=provider)
        with as_house("a provider has said who somebody is"):
            try:
                signed_in = await self._opened(person, provider, request)
            except ConflictError:  # the same person came in by another door at the same moment
                signed_in = await self._opened(person, provider, request)
        return FinishedFederated(signed_in=signed_in, return_to=errand.return_to)

    async def _opened(self, person: ProviderIdentity, provider: OpenIdProvider, request: FinishFederated) -> SignedIn:
        """Open a session for whom a provider means, as they stand at this moment: nobody changes them meanwhile."""
        async with self.room.database.transaction() as tx:
            known = await self._found(tx, person, provider) or await self._made(tx, person, provider)
            check_acting(await tenants.find(tx, provider.tenant), known.principal)
            await self._sync_roles(tx, known, person, provider)
            opening = self.sessions.opening(known.owner, by="oidc", address=request.address, agent=request.agent)
            return await self.sessions.open(tx, opening)

    def _redirect(self, asked: str) -> str:
        """Return where the provider sends the browser: the settings' address, else the one that the browser came to."""
        public = self.room.settings.public_url.rstrip("/")
        return public + urlsplit(asked).path if public else asked

    async def _errand(self, state: str) -> PendingSignIn:
        """Return what was begun with a state; it is used up by that, also when two ask at once."""
        found = await self.cache.get(_key(state))
        if found is None or not await self.cache.put_if_absent(f"{_key(state)}:used", b"1", ttl_s=ERRAND_S):
            raise UnauthenticatedError("this sign-in was not begun here, took too long, or has ended; begin again")
        await self.cache.delete(_key(state))
        return msgspec.json.decode(found, type=PendingSignIn)

    async def _found(self, tx: Transaction, person: ProviderIdentity, provider: OpenIdProvider) -> Kept | None:
        """Return whom a provider means, tied to it now if it is a principal whose verified address it vouches for."""
        found = await principals.find_by_subject(tx, person.issuer, person.subject)
        if found is None and person.email and provider.allowed_domains:
            # An address opens an account only where the house says that the provider speaks for its domain.
            # It is looked for in the provider's tenant alone: of the same address elsewhere it has no say.
            found = await principals.find_by_email(tx, provider.tenant, person.email)
            if found is None:
                return None
            if not await principals.bind_subject(tx, found.owner, issuer=person.issuer, subject=person.subject):
                raise ConflictError(f"{person.email} signs in by another provider or another account of it")
        return await principals.hold(tx, found.owner) if found else None

    async def _made(self, tx: Transaction, person: ProviderIdentity, provider: OpenIdProvider) -> Kept:
        await check_room_for_principal(self.room, tx, provider.tenant)
        await check_place(tx, provider.tenant, "default")
        taken = person.email and await principals.find_by_email(tx, provider.tenant, person.email)
        principal = Principal(
            tenant=provider.tenant,
            name=await _name(tx, person, provider),
            kind="user",
            title=person.name,
            email="" if taken else person.email,
            roles=(RoleBinding(role=provider.default_role),) if provider.default_role else (),
            attributes={},
            suspended="",
            created_at=self.room.clock.now(),
            subject=f"{person.issuer} {person.subject}",
        )
        made = Kept(principal=principal)
        await principals.add(tx, made)
        await self._tell(tx, made)
        return made

    async def _sync_roles(
        self, tx: Transaction, known: Kept, person: ProviderIdentity, provider: OpenIdProvider
    ) -> None:
        before = known.principal.roles
        after = openid.roles_by_groups(person, before, provider=provider)
        if set(after) != set(before):
            await principals.put_roles(tx, replace(known.principal, roles=after))
            await self._tell(tx, known)

    async def _tell(self, tx: Transaction, known: Kept) -> None:
        tenant, name = known.owner
        await self.room.outbox.add(tx, PRINCIPAL_CHANGED, PrincipalChanged(tenant=tenant, name=name), tenant=tenant)


async def _name(tx: Transaction, person: ProviderIdentity, provider: OpenIdProvider) -> str:
    """Return what somebody new is called: their address where it may be a name and is free, else a digest."""
    try:
        check_name("name", person.email)
    except InvalidError:
        return _digest_name(person, provider)
    taken = await principals.find(tx, provider.tenant, person.email)
    return _digest_name(person, provider) if taken else person.email


def _digest_name(person: ProviderIdentity, provider: OpenIdProvider) -> str:
    digest = hashlib.sha256(f"{person.issuer}\n{person.subject}".encode()).hexdigest()
    return f"{provider.name[:40]}-{digest[:20]}"


def _key(state: str) -> str:
    return f"identity:errand:{hashlib.sha256(state.encode('utf-8', 'surrogatepass')).hexdigest()}"
