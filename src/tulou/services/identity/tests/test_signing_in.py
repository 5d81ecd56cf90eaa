"""Signing in: one answer for everything that is wrong, one look at a password for everybody, few tries."""

import asyncio

import pytest

from tulou.contracts.identity.messages import Authenticate, ChangePassword, PutPrincipal, SignIn, Tenant
from tulou.kernel.errors import ForbiddenError, InvalidError, LimitedError, UnauthenticatedError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store import principals
from tulou.services.identity.tests.conftest import service_in, signed_in
from tulou.services.identity.tests.people import ANA, EMAIL, PASSWORD, counted_looks, enter
from tulou.testing.house import SmallHouse


@pytest.fixture(autouse=True)
async def ana(identity: IdentityService) -> None:
    await identity.put_principal(ANA)
    await identity.put_principal(PutPrincipal(tenant="default", name="bea", email="bea@example.org"))


async def test_a_session_proves_who_opened_it(identity: IdentityService, house: SmallHouse) -> None:
    opened = await enter(identity, address="192.0.2.7")
    assert opened.secret.startswith("st-tulou-")
    assert len(opened.secret) == len("st-tulou-") + 43
    assert opened.expires_at == house.clock.now() + 7 * 86_400
    who = await identity.authenticate(Authenticate(secret=opened.secret))
    assert (who.session, who.key, who.tenant, who.principal) == (opened.session, "", "default", "ana")
    assert (who.scopes, who.roles, who.kind) == (("admin", "inference"), ("developer",), "user")


async def test_the_address_is_compared_without_regard_to_case(identity: IdentityService) -> None:
    assert (await identity.sign_in(SignIn(email=" ANA@Example.ORG ", password=PASSWORD))).session


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "not her password"),
        (EMAIL, ""),
        (EMAIL, "\ud800"),
        ("nobody@example.org", PASSWORD),
        ("bea@example.org", PASSWORD),
        ("bea@example.org", ""),
        ("no address", PASSWORD),
        ("", ""),
        ("x" * 10_000, "y" * 10_000),
    ],
)
async def test_whatever_is_wrong_the_answer_and_its_cost_are_the_same(
    identity: IdentityService, email: str, password: str
) -> None:
    with counted_looks() as looks, pytest.raises(UnauthenticatedError) as refused:
        await identity.sign_in(SignIn(email=email, password=password))
    assert str(refused.value) == "e-mail, password or code is wrong"
    assert looks.count == 1


async def test_who_may_not_act_learns_why_once_they_have_proved_themselves(identity: IdentityService) -> None:
    await identity.put_tenant(Tenant(name="north"))
    await identity.put_principal(
        PutPrincipal(tenant="north", name="cleo", email="cleo@example.org", password=PASSWORD, suspended="on leave")
    )
    with pytest.raises(UnauthenticatedError):
        await identity.sign_in(SignIn(email="cleo@example.org", password="not hers at all"))
    with pytest.raises(ForbiddenError, match=r"'cleo' of tenant 'north' is suspended \(on leave\)"):
        await identity.sign_in(SignIn(email="cleo@example.org", password=PASSWORD))


async def test_an_account_has_a_few_tries_then_pauses_that_double(identity: IdentityService, house: SmallHouse) -> None:
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, "wrong")
    for pause in (1, 2, 4, 8):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, "wrong")
        with counted_looks() as looks, pytest.raises(LimitedError, match="too many tries") as refused:
            await enter(identity)
        assert (looks.count, refused.value.retry_after_s) == (0, float(pause))
        house.clock.advance(pause)
    assert (await enter(identity)).session
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, "wrong")


async def test_no_pause_is_longer_than_the_longest(identity: IdentityService, house: SmallHouse) -> None:
    for _ in range(40):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, "wrong")
        house.clock.advance(900)
    with pytest.raises(UnauthenticatedError):
        await enter(identity, "wrong")
    house.clock.advance(899)
    with pytest.raises(LimitedError):
        await enter(identity)


async def besieged(identity: IdentityService) -> None:
    """Guess Ana's password from many places, until she has to wait."""
    for number in range(6):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, "wrong", address=f"198.51.100.{number}")


async def test_who_guesses_elsewhere_does_not_keep_out_whose_address_is_known(identity: IdentityService) -> None:
    assert (await enter(identity, address="192.0.2.7")).session
    await besieged(identity)
    with pytest.raises(LimitedError):
        await enter(identity, address="192.0.2.8")
    assert (await enter(identity, address="192.0.2.7")).session
    with pytest.raises(LimitedError):
        await enter(identity, address="198.51.100.1")


async def test_a_known_address_has_no_more_tries_than_any_other(identity: IdentityService) -> None:
    assert (await enter(identity, address="192.0.2.7")).session
    for _ in range(6):
        with pytest.raises(UnauthenticatedError):
            await enter(identity, "wrong", address="192.0.2.7")
    with pytest.raises(LimitedError):
        await enter(identity, address="192.0.2.7")


async def test_who_guesses_at_the_door_keeps_nobody_inside_from_changing_the_password(
    identity: IdentityService,
) -> None:
    opened = await enter(identity)
    await besieged(identity)
    with signed_in(opened.session, "default", "ana"):
        await identity.change_password(ChangePassword(old=PASSWORD, password="five other words now"))


async def test_an_address_that_tries_many_accounts_has_to_wait_too(identity: IdentityService) -> None:
    async def guess(number: int, address: str) -> None:
        await identity.sign_in(SignIn(email=f"p{number}@example.org", password="wrong", address=address))

    for number in range(21):
        with pytest.raises(UnauthenticatedError):
            await guess(number, f"2001:db8::{number:x}")
    with pytest.raises(LimitedError):
        await guess(99, "2001:db8::ffff")
    with pytest.raises(LimitedError):
        await enter(identity, address="2001:db8::1")
    assert (await enter(identity, address="2001:db8:0:1::1")).session


async def test_people_who_share_an_address_do_not_stand_in_one_anothers_way(identity: IdentityService) -> None:
    for _ in range(30):
        assert (await enter(identity, address="192.0.2.7")).session
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            await identity.sign_in(SignIn(email="p@example.org", password="wrong", address="192.0.2.7"))
    assert (await enter(identity, address="192.0.2.7")).session


async def test_tries_at_the_same_moment_are_counted_all(house: SmallHouse) -> None:
    processes = [service_in(house) for _ in range(3)]
    tries = [enter(processes[number % 3], "wrong") for number in range(30)]
    with counted_looks() as looks:
        results = await asyncio.gather(*tries, return_exceptions=True)
    assert looks.count == 6
    assert sum(isinstance(result, LimitedError) for result in results) == 24


async def test_a_hash_is_renewed_when_its_owner_signs_in(house: SmallHouse) -> None:
    dearer = service_in(house, IdentitySettings(argon2_passes=2, argon2_memory_kib=8, argon2_lanes=1))
    assert (await enter(dearer)).session
    async with house.database.reading() as tx:
        person = await principals.find(tx, "default", "ana")
    assert person is not None
    assert "m=8,t=2,p=1" in person.password
    assert (await enter(dearer)).session


async def test_a_house_may_take_no_passwords(house: SmallHouse) -> None:
    identity = service_in(house, IdentitySettings(passwords=False))
    with counted_looks() as looks, pytest.raises(ForbiddenError, match="one of its providers"):
        await enter(identity)
    assert looks.count == 0


async def test_a_changed_password_ends_all_other_sessions(identity: IdentityService) -> None:
    kept, other = await enter(identity), await enter(identity)
    with signed_in(kept.session, "default", "ana"):
        with pytest.raises(InvalidError, match="old password is wrong"):
            await identity.change_password(ChangePassword(old="wrong", password="five other words now"))
        with pytest.raises(InvalidError, match="12 to 256"):
            await identity.change_password(ChangePassword(old=PASSWORD, password="short"))
        await identity.change_password(ChangePassword(old=PASSWORD, password="five other words now"))
    assert (await identity.authenticate(Authenticate(secret=kept.secret))).principal == "ana"
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.authenticate(Authenticate(secret=other.secret))
    with pytest.raises(UnauthenticatedError):
        await enter(identity)
    assert (await enter(identity, "five other words now")).session


async def test_a_password_set_by_others_ends_every_session(identity: IdentityService) -> None:
    opened = await enter(identity)
    await identity.put_principal(ANA)
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.authenticate(Authenticate(secret=opened.secret))


async def test_a_change_that_sets_no_password_leaves_the_one_there_is(identity: IdentityService) -> None:
    opened = await enter(identity)
    await identity.put_principal(PutPrincipal(tenant="default", name="ana", email=EMAIL, title="Ana"))
    assert (await identity.authenticate(Authenticate(secret=opened.secret))).roles == ()
    assert (await enter(identity)).session


async def test_the_old_password_is_guessed_no_faster_than_at_the_door(identity: IdentityService) -> None:
    opened = await enter(identity)
    with signed_in(opened.session, "default", "ana"):
        for _ in range(6):
            with pytest.raises(InvalidError, match="old password"):
                await identity.change_password(ChangePassword(old="wrong", password="five other words now"))
        with pytest.raises(LimitedError):
            await identity.change_password(ChangePassword(old=PASSWORD, password="five other words now"))


async def test_a_first_password_of_ones_own_needs_a_fresh_session(identity: IdentityService, house: SmallHouse) -> None:
    opened = await enter(identity)
    async with house.database.transaction() as tx:
        person = await principals.find(tx, "default", "bea")
        assert person is not None
    house.clock.advance(601)
    with signed_in(opened.session, "default", "bea"), pytest.raises(InvalidError, match="sign in again"):
        await identity.change_password(ChangePassword(old="", password="five other words now"))
    fresh = await enter(identity)
    with signed_in(fresh.session, "default", "bea"):
        await identity.change_password(ChangePassword(old="", password="five other words now"))
    assert (await identity.sign_in(SignIn(email="bea@example.org", password="five other words now"))).session
