"""Second factors: an authenticator is begun, confirmed, asked for, and removed."""

import segno

from tulou.chassis.reach import caller
from tulou.chassis.vault import Vault
from tulou.contracts.identity.messages import (
    BeginSecondFactor,
    ConfirmSecondFactor,
    RecoveryCodes,
    RemoveSecondFactor,
    SecondFactor,
)
from tulou.kernel.context import HouseActor
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError
from tulou.kernel.message import Done
from tulou.services.identity.domain.codes import (
    address_of,
    new_recovery_codes,
    new_seed,
    recovery_digest,
    step_of,
)
from tulou.services.identity.service.attempts import AttemptLimiter
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.people import WRITE, find
from tulou.services.identity.service.sessions import Sessions
from tulou.services.identity.store import proofs
from tulou.services.identity.store.principals import Owner, StoredPrincipal


class SecondFactors:
    """Seeds of authenticators are sealed, recovery codes hashed; each code opens once."""

    def __init__(
        self, room: UseCaseContext, *, vault: Vault, guesses: AttemptLimiter, sessions: Sessions, house: str
    ) -> None:
        self._room = room
        self._sessions = sessions
        self._vault = vault
        self._guesses = guesses
        self._house = house

    async def begin(self, request: BeginSecondFactor) -> SecondFactor:
        """Make the secret of an authenticator; the one in use stays until a code has confirmed this one.

        Raise `InvalidError` for a session that is not fresh: who finds one open must not be able to make it theirs.
        """
        owner = _own(request.tenant, request.principal)
        await self._check_fresh()
        seed = new_seed()
        sealed = await self._vault.seal(seed.encode(), bound_to=_bond(owner))
        async with self._room.database.transaction() as tx:
            person = await find(tx, *owner)
            await proofs.begin_factor(tx, owner, sealed)
        uri = address_of(seed, account=person.principal.email or "@".join(reversed(owner)), house=self._house)
        return SecondFactor(secret=seed, uri=uri, svg=_qr(uri))

    async def confirm(self, request: ConfirmSecondFactor) -> RecoveryCodes:
        """Ask for the second factor from now on; raise `InvalidError` for a code that is not its."""
        owner = _own(request.tenant, request.principal)
        await self._guesses.count(account=_bond(owner), address="")
        async with self._room.database.reading() as tx:
            person = await find(tx, *owner)
        if not person.factor_begun:
            raise ConflictError("no authenticator waits for its first code; begin with a new one")
        step = await self._step(person, person.factor_begun, request.code, after=0)
        if step is None:
            raise InvalidError("this is not the authenticator's code of now; is its clock right?", param="code")
        codes = new_recovery_codes()
        digests = [recovery_digest(code, tenant=owner[0], principal=owner[1]) for code in codes]
        async with self._room.database.transaction() as tx:
            if not await proofs.confirm_factor(tx, owner, sealed=person.factor_begun, step=step, codes=digests):
                raise ConflictError("another authenticator was begun meanwhile; confirm that one")
        await self._guesses.forgive(account=_bond(owner))
        return RecoveryCodes(codes=codes)

    async def remove(self, request: RemoveSecondFactor) -> Done:
        """Ask for no second factor any more."""
        owner = (request.tenant, request.principal)
        async with self._room.database.reading() as tx:
            person = await find(tx, *owner)
        await self._check_removal(person, request.code)
        async with self._room.database.transaction() as tx:
            await proofs.remove_factor(tx, owner)
        return Done()

    async def proves(self, person: StoredPrincipal, code: str) -> bool:
        """Say whether a code is the authenticator's or a recovery code, and use it up."""
        owner = person.owner
        step = await self._step(person, person.factor, code, after=person.factor_step)
        digest = recovery_digest(code, tenant=owner[0], principal=owner[1])
        async with self._room.database.transaction() as tx:
            if step is not None:
                return await proofs.use_step(tx, owner, step)
            return await proofs.use_recovery(tx, owner, digest)

    async def _step(self, person: StoredPrincipal, sealed: str, code: str, *, after: int) -> int | None:
        seed = (await self._vault.open(sealed, bound_to=_bond(person.owner))).decode()
        return step_of(seed, code, now=self._room.clock.now(), after=after)

    async def _check_fresh(self) -> None:
        who = caller()
        if not isinstance(who.actor, HouseActor) and not await self._sessions.is_fresh(who.session):
            raise InvalidError("sign in again, and set up the authenticator then: it asks for a sign-in of just now")

    async def _check_removal(self, person: StoredPrincipal, code: str) -> None:
        who = caller()
        if person.owner != (who.tenant, who.principal):
            await self._check_keeper(person)
        elif code:
            await self._guesses.count(account=_bond(person.owner), address="")
            if not await self.proves(person, code):
                raise InvalidError("this is neither the authenticator's code of now nor a recovery code", param="code")
            await self._guesses.forgive(account=_bond(person.owner))
        elif not await self._sessions.is_fresh(who.session):
            raise InvalidError("send a code of the authenticator, or sign in again and do it then", param="code")

    async def _check_keeper(self, person: StoredPrincipal) -> None:
        reach = await self._room.reach()
        reach.check_tenant(person.principal.tenant)
        if reach.projects(WRITE) is not None:
            raise ForbiddenError("this second factor is somebody else's; administrators of the tenant may remove it")
        reach.check_hand_on(person.principal.tenant, person.principal.roles)


def _own(tenant: str, principal: str) -> Owner:
    """Return the principal, if it is the caller, or the house itself calls."""
    who = caller()
    if not isinstance(who.actor, HouseActor) and (tenant, principal) != (who.tenant, who.principal):
        raise ForbiddenError("an authenticator is set up by its owner alone")
    return tenant, principal


def _bond(owner: Owner) -> str:
    return f"identity:second-factor:{owner[0]}/{owner[1]}"


def _qr(uri: str) -> str:
    return segno.make_qr(uri, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=False)
