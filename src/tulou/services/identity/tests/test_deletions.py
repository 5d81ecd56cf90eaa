"""What was deleted comes back by a rollback for a while, its keys disabled; who was erased does not."""

from dataclasses import replace

import pytest

from tulou.contracts.identity.deletions import ListDeleted, ListErased
from tulou.contracts.identity.messages import (
    Authenticate,
    CreatedKey,
    CreateKey,
    ListGrants,
    ListKeys,
    NameKey,
    NamePrincipal,
    PutPrincipal,
    RoleBinding,
    SignIn,
)
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.service.deletions import DAY_S
from tulou.services.identity.tests.conftest import acting, service_in
from tulou.services.identity.tests.fakes import RoleBook
from tulou.testing.house import SmallHouse

ANA = PutPrincipal(
    tenant="default",
    name="ana",
    email="ana@example.com",
    roles=(RoleBinding(role="developer"),),
    password="correct horse battery",
)
AGAIN = replace(ANA, password=None, restore=0.0)
NAMED = NamePrincipal(tenant="default", name="ana")


@pytest.fixture
def book() -> RoleBook:
    return RoleBook()


@pytest.fixture
def identity(house: SmallHouse, book: RoleBook) -> IdentityService:
    return service_in(house, governance=book)


async def key_of(identity: IdentityService, principal: str = "ana") -> CreatedKey:
    return await identity.create_key(CreateKey(name="k", tenant="default", principal=principal))


async def test_a_principal_comes_back_with_its_keys_and_they_open_nothing_until_enabled(
    identity: IdentityService,
) -> None:
    await identity.put_principal(ANA)
    made = [await key_of(identity) for _ in range(3)]
    await identity.delete_principal(NAMED)
    assert (await identity.grants(ListGrants())).items == ()
    back = await identity.put_principal(AGAIN)
    assert (back.roles, back.email, back.has_password) == (ANA.roles, ANA.email, False)
    grants = (await identity.grants(ListGrants())).items
    assert {grant.key for grant in grants} == {one.key.id for one in made}
    assert all(grant.disabled and grant.blocked for grant in grants)
    with pytest.raises(UnauthenticatedError, match=f"is disabled; `tulou keys enable {made[0].key.id}` lets it in"):
        await identity.authenticate(Authenticate(secret=made[0].secret))
    enabled = await identity.enable_key(NameKey(id=made[0].key.id))
    assert (enabled.disabled, enabled.gone_with, enabled.revoked_at) == ("", "", None)
    assert (await identity.authenticate(Authenticate(secret=made[0].secret))).principal == "ana"
    assert [grant.disabled for grant in (await identity.grants(ListGrants(keys=(enabled.id,)))).items] == [False]


async def test_a_key_that_was_revoked_itself_does_not_come_back(identity: IdentityService) -> None:
    await identity.put_principal(ANA)
    leaked, kept = await key_of(identity), await key_of(identity)
    await identity.revoke_key(NameKey(id=leaked.key.id))
    await identity.delete_principal(NAMED)
    await identity.put_principal(AGAIN)
    assert [key.id for key in (await identity.keys(ListKeys())).items] == [kept.key.id]
    with pytest.raises(ConflictError, match="was revoked, and stays so"):
        await identity.enable_key(NameKey(id=leaked.key.id))


async def test_what_was_half_done_is_undone_with_keys_as_they_were(identity: IdentityService) -> None:
    await identity.put_principal(ANA)
    made = await key_of(identity)
    await identity.delete_principal(NAMED)
    await identity.put_principal(replace(AGAIN, whole=True))
    assert (await identity.authenticate(Authenticate(secret=made.secret))).principal == "ana"


async def test_a_name_may_be_used_anew_and_its_new_bearer_gets_no_keys_of_the_old(identity: IdentityService) -> None:
    await identity.put_principal(ANA)
    old = await key_of(identity)
    await identity.delete_principal(NAMED)
    await identity.put_principal(ANA)
    await identity.put_principal(AGAIN)  # she is there: nothing of the former one comes to her
    with pytest.raises(UnauthenticatedError, match="revoked"):
        await identity.authenticate(Authenticate(secret=old.secret))


async def test_of_several_bearers_of_a_name_the_one_of_that_time_comes_back(
    identity: IdentityService, house: SmallHouse
) -> None:
    secrets: list[str] = []
    moments: list[float] = []
    for _ in range(2):
        await identity.put_principal(ANA)
        secrets.append((await key_of(identity)).secret)
        house.clock.advance(10)
        moments.append(house.clock.now())
        house.clock.advance(10)
        await identity.delete_principal(NAMED)
        house.clock.advance(10)
    await identity.put_principal(replace(AGAIN, restore=moments[0]))
    with pytest.raises(UnauthenticatedError, match="disabled"):
        await identity.authenticate(Authenticate(secret=secrets[0]))
    with pytest.raises(UnauthenticatedError, match="revoked"):
        await identity.authenticate(Authenticate(secret=secrets[1]))


async def test_what_was_deleted_is_removed_for_ever_after_its_days(
    identity: IdentityService, house: SmallHouse
) -> None:
    await identity.put_principal(ANA)
    await key_of(identity)
    await identity.delete_principal(NAMED)
    (shown,) = (await identity.deleted(ListDeleted())).items
    assert (shown.name, shown.keys, shown.kept_until - shown.deleted_at) == ("ana", 1, 30 * DAY_S)
    house.clock.advance(29 * DAY_S)
    await identity.sweep()
    assert (await identity.deleted(ListDeleted(tenant="default", name="ana"))).items == (shown,)
    house.clock.advance(2 * DAY_S)
    await identity.sweep()
    assert (await identity.deleted(ListDeleted())).items == ()
    await identity.put_principal(AGAIN)
    assert (await identity.keys(ListKeys())).items == ()


async def test_passwords_and_second_factors_are_not_kept(identity: IdentityService) -> None:
    await identity.put_principal(ANA)
    await identity.delete_principal(NAMED)
    await identity.put_principal(AGAIN)
    with pytest.raises(UnauthenticatedError):
        await identity.sign_in(SignIn(email=ANA.email, password=ANA.password or "", address="10.0.0.1", agent=""))


@pytest.mark.parametrize("deleted_before", [True, False])
async def test_an_erased_person_does_not_come_back_and_nothing_of_them_is_kept(
    identity: IdentityService, *, deleted_before: bool
) -> None:
    await identity.put_principal(ANA)
    made = await key_of(identity)
    if deleted_before:
        await identity.delete_principal(NAMED)
    await identity.erase_principal(NAMED)
    assert (await identity.deleted(ListDeleted())).items == ()
    names = ("default/ana", "north/ana", "default/ben")
    assert (await identity.erased(ListErased(names=names))).names == ("default/ana",)
    with pytest.raises(ConflictError, match="was erased, and does not come back"):
        await identity.put_principal(AGAIN)
    await identity.put_principal(ANA)  # somebody new, by hand
    with pytest.raises(UnauthenticatedError, match="revoked"):
        await identity.authenticate(Authenticate(secret=made.secret))
    with pytest.raises(NotFoundError):
        await identity.erase_principal(NamePrincipal(tenant="default", name="nobody"))


async def test_nobody_enables_a_key_that_may_do_more_than_they(identity: IdentityService) -> None:
    await identity.put_principal(replace(ANA, name="root", email="", password=None, roles=(RoleBinding(role="admin"),)))
    made = await key_of(identity, "root")
    await identity.delete_principal(NamePrincipal(tenant="default", name="root"))
    await identity.put_principal(
        PutPrincipal(tenant="default", name="root", roles=(RoleBinding(role="admin"),), restore=0.0)
    )
    await identity.put_principal(ANA)
    with acting("default", "ana"), pytest.raises(ForbiddenError, match="may do more than you"):
        await identity.enable_key(NameKey(id=made.key.id))


async def test_each_key_that_goes_or_comes_has_its_entry_in_the_name_of_who_did_it(
    identity: IdentityService, book: RoleBook
) -> None:
    await identity.put_principal(ANA)
    ids = {(await key_of(identity)).key.id for _ in range(40)}
    await identity.put_principal(PutPrincipal(tenant="default", name="chief", roles=(RoleBinding(role="operator"),)))
    with acting("default", "chief", house=True):
        CONTEXT.set(replace(CONTEXT.get(), request_id="req_7", reason="she left"))
        await identity.delete_principal(NAMED)
    went = book.entries
    assert {entry.resource for entry in went} == {f"keys/{key}" for key in ids}
    assert {(entry.principal, entry.request_id, entry.reason, entry.action) for entry in went} == {
        ("chief", "req_7", "she left", "keys:write")
    }
    assert all('"change":"delete"' in entry.detail and "principals/default/ana" in entry.detail for entry in went)
    await identity.put_principal(AGAIN)
    came = book.entries[40:]
    assert {entry.resource for entry in came} == {f"keys/{key}" for key in ids}
    assert all('"change":"create"' in entry.detail and '"disabled":true' in entry.detail for entry in came)
