"""Second factors: set up with a code, asked for at every sign-in, each code once, removed by who may."""

import re

import pyotp
import pytest
from sqlalchemy import select

from tulou.chassis.rewrapping import Rewrapping
from tulou.contracts.identity.messages import (
    BeginSecondFactor,
    ConfirmSecondFactor,
    PutPrincipal,
    RecoveryCodes,
    RemoveSecondFactor,
    RoleBinding,
    SecondFactor,
)
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError, LimitedError, UnauthenticatedError
from tulou.services.identity.component import COMPONENT
from tulou.services.identity.service import IdentityService
from tulou.services.identity.store.tables import PRINCIPALS, RECOVERY
from tulou.services.identity.tests.conftest import acting, signed_in
from tulou.services.identity.tests.people import ANA, enter
from tulou.testing.house import SmallHouse

HERS = BeginSecondFactor(tenant="default", principal="ana")


class Authenticator:
    """Somebody's phone."""

    def __init__(self, seed: str, house: SmallHouse) -> None:
        self._totp = pyotp.totp.TOTP(seed)
        self._house = house

    def code(self, *, steps: int = 0) -> str:
        """Return what it shows, some steps from now."""
        return self._totp.at(int(self._house.clock.now()) + 30 * steps)

    def wrong(self) -> str:
        """Return six digits that it shows at none of the steps around now."""
        shown = {self.code(steps=steps) for steps in range(-2, 3)}
        return next(code for number in range(1000) if (code := f"{number:06d}") not in shown)


@pytest.fixture(autouse=True)
async def ana(identity: IdentityService) -> None:
    await identity.put_principal(ANA)


async def begun(identity: IdentityService, *, code: str = "") -> SecondFactor:
    """Begin an authenticator as somebody who has just signed in."""
    opened = await enter(identity, code=code)
    with signed_in(opened.session, "default", "ana"):
        return await identity.begin_second_factor(HERS)


@pytest.fixture
async def phone(identity: IdentityService, house: SmallHouse) -> Authenticator:
    return Authenticator((await begun(identity)).secret, house)


@pytest.fixture
async def codes(identity: IdentityService, phone: Authenticator, house: SmallHouse) -> RecoveryCodes:
    confirm = ConfirmSecondFactor(tenant="default", principal="ana", code=phone.code())
    with acting("default", "ana"):
        made = await identity.confirm_second_factor(confirm)
    house.clock.advance(30)
    return made


async def test_an_authenticator_reads_who_and_where_it_is_for(identity: IdentityService) -> None:
    made = await begun(identity)
    assert re.fullmatch(r"[A-Z2-7]{32}", made.secret)
    assert made.uri == f"otpauth://totp/test:ana%40example.org?secret={made.secret}&issuer=test"
    assert made.svg.startswith("<svg")
    assert (await enter(identity)).session, "it is not asked for before a code has confirmed it"


@pytest.mark.usefixtures("codes")
async def test_a_code_is_asked_for_and_opens_once(
    identity: IdentityService, phone: Authenticator, house: SmallHouse
) -> None:
    asked = await enter(identity)
    assert (asked.second_factor, asked.secret, asked.session) == (True, "", "")
    assert (await enter(identity, code=phone.code())).session
    with pytest.raises(UnauthenticatedError, match="e-mail, password or code is wrong"):
        await enter(identity, code=phone.code())
    house.clock.advance(30)
    spaced = phone.code()[:3] + " " + phone.code()[3:]
    assert (await enter(identity, code=spaced)).session


@pytest.mark.usefixtures("codes")
@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, False), (0, True), (1, True), (2, False)])
async def test_clocks_may_differ_by_a_step_but_a_step_used_up_stays_so(
    identity: IdentityService, phone: Authenticator, *, steps: int, opens: bool
) -> None:
    if opens:
        assert (await enter(identity, code=phone.code(steps=steps))).session
    else:  # the step before is the one that confirmed the authenticator
        with pytest.raises(UnauthenticatedError):
            await enter(identity, code=phone.code(steps=steps))


@pytest.mark.usefixtures("codes")
async def test_a_wrong_password_with_a_right_code_tells_nothing_and_uses_nothing_up(
    identity: IdentityService, phone: Authenticator
) -> None:
    with pytest.raises(UnauthenticatedError, match="e-mail, password or code is wrong"):
        await enter(identity, "wrong", code=phone.code())
    assert (await enter(identity, code=phone.code())).session


@pytest.mark.usefixtures("codes")
async def test_codes_are_not_guessed(identity: IdentityService, phone: Authenticator) -> None:
    for _ in range(6):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, code=phone.wrong())
    with pytest.raises(LimitedError):
        await enter(identity, code=phone.code())


async def test_a_recovery_code_opens_once(identity: IdentityService, codes: RecoveryCodes) -> None:
    assert len(set(codes.codes)) == 10
    assert all(re.fullmatch(r"([2-9a-hjkmnp-z]{4}-){3}[2-9a-hjkmnp-z]{4}", code) for code in codes.codes)
    assert (await enter(identity, code=codes.codes[3].upper().replace("-", " "))).session
    with pytest.raises(UnauthenticatedError):
        await enter(identity, code=codes.codes[3])
    assert (await enter(identity, code=codes.codes[4])).session


async def test_the_database_holds_neither_seed_nor_codes(
    identity: IdentityService, house: SmallHouse, phone: Authenticator, codes: RecoveryCodes
) -> None:
    seed = (await begun(identity, code=phone.code())).secret
    async with house.database.reading() as tx:
        rows = [*await tx.rows(select(PRINCIPALS)), *await tx.rows(select(RECOVERY))]
    assert len(rows) == 11
    kept = repr([dict(row) for row in rows])
    assert seed not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes.codes)


@pytest.mark.usefixtures("codes")
async def test_what_is_sealed_is_known_to_who_rotates_the_master_key(house: SmallHouse) -> None:
    found = await Rewrapping(house.database, house.vault).run(COMPONENT.sealed, only_look=True)
    assert found.seen == 1


async def test_only_a_code_confirms(identity: IdentityService, phone: Authenticator) -> None:
    with acting("default", "ana"):
        for code in (phone.wrong(), "", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16"):
            with pytest.raises(InvalidError, match="not the authenticator's code"):
                await identity.confirm_second_factor(ConfirmSecondFactor(tenant="default", principal="ana", code=code))
    assert (await enter(identity)).session


async def test_nothing_to_confirm_is_said(identity: IdentityService) -> None:
    with acting("default", "ana"), pytest.raises(ConflictError, match="no authenticator waits"):
        await identity.confirm_second_factor(ConfirmSecondFactor(tenant="default", principal="ana", code="123456"))


async def test_nobody_sets_one_up_for_another(identity: IdentityService) -> None:
    await identity.put_principal(PutPrincipal(tenant="default", name="ada", roles=(RoleBinding(role="admin"),)))
    with acting("default", "ada"), pytest.raises(ForbiddenError, match="by its owner alone"):
        await identity.begin_second_factor(HERS)
    with acting("default", "ada"), pytest.raises(ForbiddenError, match="by its owner alone"):
        await identity.confirm_second_factor(ConfirmSecondFactor(tenant="default", principal="ana", code="123456"))


async def test_a_new_authenticator_replaces_the_old_one_with_its_first_code(
    identity: IdentityService, phone: Authenticator, codes: RecoveryCodes, house: SmallHouse
) -> None:
    other = Authenticator((await begun(identity, code=phone.code())).secret, house)
    house.clock.advance(30)
    assert (await enter(identity, code=phone.code())).session
    confirm = ConfirmSecondFactor(tenant="default", principal="ana", code=other.code())
    with acting("default", "ana"):
        await identity.confirm_second_factor(confirm)
    house.clock.advance(30)
    for old in (phone.code(), codes.codes[0]):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, code=old)
    assert (await enter(identity, code=other.code())).session


async def test_a_session_that_was_left_open_takes_no_authenticator(
    identity: IdentityService, house: SmallHouse
) -> None:
    opened = await enter(identity)
    house.clock.advance(601)
    with signed_in(opened.session, "default", "ana"), pytest.raises(InvalidError, match="sign in again"):
        await identity.begin_second_factor(HERS)
    with acting("default", "ana"), pytest.raises(InvalidError, match="sign in again"):
        await identity.begin_second_factor(HERS)
    await begun(identity)


@pytest.mark.usefixtures("codes")
async def test_a_session_that_was_left_open_does_not_exchange_the_authenticator(
    identity: IdentityService, phone: Authenticator, house: SmallHouse
) -> None:
    opened = await enter(identity, code=phone.code())
    house.clock.advance(601)
    with signed_in(opened.session, "default", "ana"), pytest.raises(InvalidError, match="sign in again"):
        await identity.begin_second_factor(HERS)


@pytest.mark.usefixtures("codes")
async def test_it_is_removed_in_a_fresh_session_or_with_a_code(
    identity: IdentityService, phone: Authenticator, house: SmallHouse
) -> None:
    opened = await enter(identity, code=phone.code())
    house.clock.advance(601)
    with signed_in(opened.session, "default", "ana"):
        with pytest.raises(InvalidError, match="send a code") as refused:
            await identity.remove_second_factor(RemoveSecondFactor(tenant="default", principal="ana"))
        assert refused.value.param == "code"
        with pytest.raises(InvalidError, match="neither"):
            await identity.remove_second_factor(
                RemoveSecondFactor(tenant="default", principal="ana", code=phone.wrong())
            )
        await identity.remove_second_factor(RemoveSecondFactor(tenant="default", principal="ana", code=phone.code()))
    assert (await enter(identity)).session


@pytest.mark.usefixtures("codes")
async def test_administrators_remove_that_of_somebody_who_lost_it(
    identity: IdentityService, phone: Authenticator
) -> None:
    await identity.put_principal(PutPrincipal(tenant="default", name="ada", roles=(RoleBinding(role="admin"),)))
    await identity.put_principal(PutPrincipal(tenant="default", name="eve", roles=(RoleBinding(role="developer"),)))
    hers = RemoveSecondFactor(tenant="default", principal="ana")
    with acting("default", "eve"), pytest.raises(ForbiddenError, match="somebody else's"):
        await identity.remove_second_factor(hers)
    opened = await enter(identity, code=phone.code())
    with signed_in(opened.session, "default", "ada"):
        await identity.remove_second_factor(hers)
    assert (await enter(identity)).session
