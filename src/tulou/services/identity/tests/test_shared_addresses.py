"""One e-mail address in several tenants: each account opens by its own password, and none is a way to another."""

from dataclasses import replace

import pytest

from tulou.contracts.identity.messages import Authenticate, ChangePassword, PutPrincipal, SignedIn, SignIn, Tenant
from tulou.kernel.errors import ConflictError, InvalidError, LimitedError, UnauthenticatedError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.tests.conftest import signed_in
from tulou.services.identity.tests.people import ANA, EMAIL, PASSWORD, counted_looks

OTHER = "another password of hers"


@pytest.fixture(autouse=True)
async def anas(identity: IdentityService) -> None:
    await identity.put_tenant(Tenant(name="north"))
    await identity.put_principal(ANA)
    await identity.put_principal(replace(ANA, tenant="north", password=OTHER))


async def enter(identity: IdentityService, password: str, tenant: str = "", address: str = "") -> SignedIn:
    return await identity.sign_in(SignIn(email=EMAIL, password=password, tenant=tenant, address=address))


async def whose(identity: IdentityService, signed: SignedIn) -> str:
    return (await identity.authenticate(Authenticate(secret=signed.secret))).tenant


async def test_the_password_says_which_account_is_meant(identity: IdentityService) -> None:
    assert await whose(identity, await enter(identity, PASSWORD)) == "default"
    assert await whose(identity, await enter(identity, OTHER)) == "north"


async def test_who_has_the_same_password_twice_is_asked_for_the_tenant(identity: IdentityService) -> None:
    await identity.put_principal(replace(ANA, tenant="north", password=PASSWORD))
    with pytest.raises(ConflictError, match="give `tenant`") as refused:
        await enter(identity, PASSWORD)
    assert refused.value.param == "tenant"
    for tenant in ("default", "north"):
        assert await whose(identity, await enter(identity, PASSWORD, tenant)) == tenant


@pytest.mark.parametrize(
    ("tenant", "password", "looks"),
    [
        ("", "wrong", 2),
        ("default", OTHER, 1),
        ("north", PASSWORD, 1),
        ("nowhere", PASSWORD, 1),
    ],
)
async def test_what_is_wrong_has_the_same_answer_whichever_tenant_is_named(
    identity: IdentityService, tenant: str, password: str, looks: int
) -> None:
    with counted_looks() as counted, pytest.raises(UnauthenticatedError) as refused:
        await enter(identity, password, tenant)
    assert (str(refused.value), counted.count) == ("e-mail, password or code is wrong", looks)


async def test_a_tenant_that_is_no_name_is_refused_as_that(identity: IdentityService) -> None:
    with pytest.raises(InvalidError) as refused:
        await enter(identity, PASSWORD, "no\0name")
    assert refused.value.param == "tenant"


async def test_an_account_without_a_password_costs_no_look_and_is_no_way_in(identity: IdentityService) -> None:
    await identity.put_tenant(Tenant(name="south"))
    await identity.put_principal(PutPrincipal(tenant="south", name="ana", email=EMAIL))
    with counted_looks() as counted:
        assert await whose(identity, await enter(identity, PASSWORD)) == "default"
    assert counted.count == 2
    with pytest.raises(UnauthenticatedError):
        await enter(identity, "", "south")


async def test_no_more_than_eight_accounts_are_looked_at_and_any_can_be_named(identity: IdentityService) -> None:
    for number in range(9):
        await identity.put_tenant(Tenant(name=f"t{number}"))
        await identity.put_principal(replace(ANA, tenant=f"t{number}", password=f"{number} squatters in a row"))
    with counted_looks() as counted:
        assert await whose(identity, await enter(identity, PASSWORD)) == "default"
    assert counted.count == 8
    with pytest.raises(UnauthenticatedError):
        await enter(identity, "8 squatters in a row")
    assert await whose(identity, await enter(identity, "8 squatters in a row", "t8")) == "t8"


@pytest.mark.parametrize("tenant", ["", "north"])
async def test_who_took_somebodys_address_elsewhere_gets_no_more_guesses_by_signing_in_there(
    identity: IdentityService, tenant: str
) -> None:
    address = "192.0.2.7"
    for _ in range(5):
        assert (await enter(identity, OTHER, tenant, address)).session
        with pytest.raises(UnauthenticatedError):
            await enter(identity, "a guess", "default", address)
    await enter(identity, OTHER, tenant, address)
    with pytest.raises(LimitedError):
        await enter(identity, "a guess", "default", address)


async def test_good_tries_alone_never_have_to_wait(identity: IdentityService) -> None:
    for _ in range(20):
        assert (await enter(identity, PASSWORD, address="192.0.2.7")).session


async def test_a_password_is_changed_in_one_tenant_alone(identity: IdentityService) -> None:
    opened = await enter(identity, OTHER)
    with signed_in(opened.session, "north", "ana"):
        await identity.change_password(ChangePassword(old=OTHER, password="five other words now"))
    assert await whose(identity, await enter(identity, PASSWORD)) == "default"
    assert await whose(identity, await enter(identity, "five other words now")) == "north"
