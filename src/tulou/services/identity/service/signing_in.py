"""Signing in with a password and, where there is one, a second factor."""

from dataclasses import dataclass

from tulou.contracts.identity.messages import ChangePassword, SignedIn, SignIn
from tulou.kernel.context import CONTEXT, as_house
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError, UnauthenticatedError
from tulou.kernel.message import Done
from tulou.services.identity.domain.names import check_name, email_of
from tulou.services.identity.service.attempts import AttemptLimiter
from tulou.services.identity.service.authentication import check_acting
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.counters import SignInAttempt, SignInCounters
from tulou.services.identity.service.endings import end_all_sessions
from tulou.services.identity.service.passwords import Passwords
from tulou.services.identity.service.people import find
from tulou.services.identity.service.second_factors import SecondFactors
from tulou.services.identity.service.sessions import Sessions
from tulou.services.identity.store import principals, proofs, tenants
from tulou.services.identity.store.principals import StoredPrincipal

WRONG = "e-mail, password or code is wrong"
"""Whichever it is: who guesses learns nothing from the difference."""


ACCOUNTS = 8
"""Accounts of one address that a password is compared with; a sign-in that names the tenant reaches any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCandidates:
    """Who may be meant by an address, and what a try at it is counted under; several tenants have a `shared` one."""

    account: str
    people: tuple[StoredPrincipal, ...]
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFlow:
    """Every try is counted before a password is looked at, and ends in the same words unless all is right.

    It costs one look, also where nobody is known, or one for each account of an address that several tenants have.
    """

    room: UseCaseContext
    passwords: Passwords
    guesses: AttemptLimiter
    factors: SecondFactors
    sessions: Sessions
    counters: SignInCounters

    async def sign_in(self, request: SignIn) -> SignedIn:
        """Open a session, or say that a second factor is needed first."""
        with self.counters.counted("password") as tried:
            return await self._sign_in(request, tried)

    async def change_password(self, request: ChangePassword) -> Done:
        """Change the caller's own password, proved by the old one; every other session of theirs ends."""
        who = CONTEXT.get()
        if not who.session:
            raise ForbiddenError("one's own password is changed by who has signed in; a key cannot")
        async with self.room.database.reading() as tx:
            person = await find(tx, who.tenant, who.principal)
        if not person.principal.email:
            raise InvalidError("you have no e-mail address to sign in with; ask an administrator", param="email")
        await self.guesses.count(account=_inside(person), address="")
        await self._check_old(person, request.old, who.session)
        about = (person.principal.name, *person.principal.email.split("@"))
        hashed = await self.passwords.hashed(request.password, about=about)
        async with self.room.database.transaction() as tx:
            if not await proofs.replace_password(tx, person.owner, seen=person.password, hashed=hashed):
                raise ConflictError("the password was changed meanwhile; sign in with the new one")
            await end_all_sessions(self.room, tx, person.owner, keep=who.session)
        await self.guesses.forgive(account=_inside(person))
        return Done()

    async def _sign_in(self, request: SignIn, tried: SignInAttempt) -> SignedIn:
        if not self.room.settings.passwords:
            raise ForbiddenError("this house takes no passwords; sign in by one of its providers")
        if request.tenant:
            check_name("tenant", request.tenant)
        found = await self._found(_account(request.email), request.tenant)
        await self.guesses.count(account=found.account, address=request.address)
        matching = [person for person in found.people or (None,) if await self._is(person, request.password)]
        if len(matching) > 1:
            await self._proved(found, request)
            raise ConflictError("several tenants have this e-mail address and password; give `tenant`", param="tenant")
        person = matching[0] if matching else None
        if person is None:
            tried.outcome = "wrong_password"
            raise UnauthenticatedError(WRONG)
        if person.factor and not request.code:
            await self.guesses.credit(address=request.address)
            tried.outcome = "second_factor"
            return SignedIn(second_factor=True)
        if person.factor and not await self.factors.proves(person, request.code):
            tried.outcome = "wrong_code"
            raise UnauthenticatedError(WRONG)
        with as_house("somebody has proved who they are"):
            signed_in = await self._opened(person, request)
        await self._proved(found, request)
        tried.outcome = "ok"
        return signed_in

    async def _check_old(self, person: StoredPrincipal, old: str, session: str) -> None:
        if person.password:
            if not await self.passwords.matches(person.password, old):
                raise InvalidError("the old password is wrong", param="old")
        elif not await self.sessions.is_fresh(session):
            raise InvalidError("sign in again to set your first password", param="old")

    async def _is(self, person: StoredPrincipal | None, password: str) -> bool:
        """Say whether a password is somebody's; nobody's takes as long to look at."""
        return await self.passwords.matches(person.password if person else "", password)

    async def _found(self, email: str, tenant: str) -> SignInCandidates:
        """Return who may be meant: whoever has the address and a password, or who has it in the named tenant."""
        async with self.room.database.reading() as tx:
            everybody = await principals.with_password(tx, email, limit=ACCOUNTS)
            named = await principals.find_by_email(tx, tenant, email) if tenant else None
        shared = len(everybody) > 1
        people = [named] if named and named.password else [] if tenant else everybody
        return SignInCandidates(
            account=f"{email} in several tenants" if shared else email, people=tuple(people), shared=shared
        )

    async def _proved(self, found: SignInCandidates, request: SignIn) -> None:
        """Take back what a good try was counted as. Who shares an address forgives nobody's tries but this one."""
        if found.shared:
            await self.guesses.take_back(account=found.account)
        else:
            await self.guesses.forgive(account=found.account, address=request.address)
        await self.guesses.credit(address=request.address)

    async def _opened(self, person: StoredPrincipal, request: SignIn) -> SignedIn:
        renewed = await self.passwords.renewed(person.password, request.password)
        opening = self.sessions.opening(person.owner, by="password", address=request.address, agent=request.agent)
        async with self.room.database.transaction() as tx:
            now = await principals.hold(tx, person.owner)
            if now is None or (now.password, now.factor) != (person.password, person.factor):
                raise UnauthenticatedError(WRONG)  # it was changed while we looked
            check_acting(await tenants.find(tx, person.owner[0]), now.principal)
            if renewed:
                await proofs.replace_password(tx, person.owner, seen=person.password, hashed=renewed)
            return await self.sessions.open(tx, opening)


def _account(email: str) -> str:
    """Return what is counted under and looked for; what is no address is nobody's."""
    try:
        return email_of(email)
    except InvalidError:
        return email[:300].strip().lower()


def _inside(person: StoredPrincipal) -> str:
    """Return what tries of somebody who has signed in are counted under: whoever is at the door has no part in them."""
    return f"inside:{person.principal.tenant}/{person.principal.name}"
