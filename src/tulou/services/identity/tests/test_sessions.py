"""Sessions: how long they live, what ends them, and the key that ends with them."""

import pytest
from sqlalchemy import select

from tulou.contracts.identity.events import KEY_CREATED, KEY_REVOKED
from tulou.contracts.identity.messages import (
    Authenticate,
    CreateSessionKey,
    EndSessions,
    GetMe,
    ListGrants,
    ListKeys,
    ListSessions,
    NamePrincipal,
    NameSession,
    PutPrincipal,
    RoleBinding,
    SignedIn,
    Tenant,
)
from tulou.kernel.errors import ForbiddenError, UnauthenticatedError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store.tables import SESSIONS
from tulou.services.identity.tests.conftest import acting, service_in, signed_in
from tulou.services.identity.tests.people import ANA, EMAIL, enter
from tulou.testing.house import SmallHouse

HERS = ListSessions(tenant="default", principal="ana")


@pytest.fixture(autouse=True)
async def ana(identity: IdentityService) -> None:
    await identity.put_principal(ANA)


@pytest.fixture
async def opened(identity: IdentityService) -> SignedIn:
    return await enter(identity, address="192.0.2.7")


async def test_the_database_holds_only_the_digest_of_a_session(house: SmallHouse, opened: SignedIn) -> None:
    async with house.database.reading() as tx:
        row = (await tx.rows(select(SESSIONS)))[0]
    assert opened.secret not in repr(dict(row))


async def test_a_session_that_nobody_uses_ends(identity: IdentityService, house: SmallHouse, opened: SignedIn) -> None:
    house.clock.advance(11 * 3600)
    await identity.authenticate(Authenticate(secret=opened.secret))
    house.clock.advance(11 * 3600)
    await identity.authenticate(Authenticate(secret=opened.secret))
    house.clock.advance(12 * 3600)
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.authenticate(Authenticate(secret=opened.secret))
    assert (await identity.sessions(HERS)).items == ()
    assert await identity.sweep() == 1


async def test_no_session_lives_longer_than_a_week(
    identity: IdentityService, house: SmallHouse, opened: SignedIn
) -> None:
    for _ in range(7 * 4 - 1):
        house.clock.advance(6 * 3600)
        await identity.authenticate(Authenticate(secret=opened.secret))
    house.clock.advance(6 * 3600)
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.authenticate(Authenticate(secret=opened.secret))


async def test_sessions_say_where_and_by_what(identity: IdentityService, house: SmallHouse, opened: SignedIn) -> None:
    session = (await identity.sessions(HERS)).items[0]
    assert (session.id, session.address, session.agent, session.by) == (opened.session, "192.0.2.7", "test", "password")
    house.clock.advance(61)
    await identity.authenticate(Authenticate(secret=opened.secret))
    assert (await identity.sessions(HERS)).items[0].seen_at == house.clock.now()
    assert (await identity.principal(NamePrincipal(tenant="default", name="ana"))).seen_at == house.clock.now()


async def test_signing_out_ends_a_session_and_its_key_at_once(
    identity: IdentityService, house: SmallHouse, opened: SignedIn
) -> None:
    with signed_in(opened.session, "default", "ana"):
        made = await identity.create_session_key(CreateSessionKey())
        async with house.events.subscribe([KEY_REVOKED], group="t") as deliveries, house.relaying():
            await identity.sign_out(NameSession(id=opened.session))
            assert (await anext(deliveries)).fact.body == f'{{"key":"{made.key.id}"}}'
        await identity.sign_out(NameSession(id=opened.session))
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.authenticate(Authenticate(secret=opened.secret))
    with pytest.raises(UnauthenticatedError, match="is revoked"):
        await identity.authenticate(Authenticate(secret=made.secret))
    assert (await identity.grants(ListGrants())).items == ()


async def test_a_session_has_one_key_that_lives_an_hour_and_is_in_no_list(
    identity: IdentityService, house: SmallHouse, opened: SignedIn
) -> None:
    with signed_in(opened.session, "default", "ana"):
        first = await identity.create_session_key(CreateSessionKey())
        second = await identity.create_session_key(CreateSessionKey())
    assert (second.key.scopes, second.key.session) == (("inference",), opened.session)
    assert second.key.expires_at == house.clock.now() + 3600
    assert [grant.key for grant in (await identity.grants(ListGrants())).items] == [second.key.id]
    assert (await identity.keys(ListKeys(revoked=True))).items == ()
    with pytest.raises(UnauthenticatedError, match="is revoked"):
        await identity.authenticate(Authenticate(secret=first.secret))


async def test_a_sessions_key_does_not_outlive_it(identity: IdentityService, house: SmallHouse) -> None:
    opened = await enter(service_in(house, IdentitySettings(session_most_s=600)))
    with signed_in(opened.session, "default", "ana"):
        made = await identity.create_session_key(CreateSessionKey())
    assert made.key.expires_at == opened.expires_at


async def test_who_comes_with_a_key_gets_no_other(identity: IdentityService) -> None:
    with acting("default", "ana"), pytest.raises(ForbiddenError, match="signed in"):
        await identity.create_session_key(CreateSessionKey())
    with signed_in("session_gone", "default", "ana"), pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.create_session_key(CreateSessionKey())


async def test_all_others_end_at_once(identity: IdentityService, opened: SignedIn) -> None:
    others = [await enter(identity) for _ in range(3)]
    with signed_in(opened.session, "default", "ana"):
        await identity.end_sessions(EndSessions(tenant="default", principal="ana", keep=opened.session))
    assert [session.id for session in (await identity.sessions(HERS)).items] == [opened.session]
    for other in others:
        with pytest.raises(UnauthenticatedError):
            await identity.authenticate(Authenticate(secret=other.secret))


async def test_the_oldest_of_too_many_ends(house: SmallHouse) -> None:
    identity = service_in(house, IdentitySettings(max_sessions=2, argon2_memory_kib=8, argon2_passes=1, argon2_lanes=1))
    opened = [await enter(identity) for _ in range(4)]
    assert {session.id for session in (await identity.sessions(HERS)).items} == {opened[2].session, opened[3].session}


async def test_somebody_elses_session_is_ended_by_who_keeps_people(identity: IdentityService, opened: SignedIn) -> None:
    await identity.put_principal(PutPrincipal(tenant="default", name="eve", roles=(RoleBinding(role="developer"),)))
    await identity.put_principal(PutPrincipal(tenant="default", name="ada", roles=(RoleBinding(role="admin"),)))
    with acting("default", "eve"), pytest.raises(ForbiddenError, match="somebody else's"):
        await identity.sign_out(NameSession(id=opened.session))
    await identity.put_tenant(Tenant(name="north"))
    with acting("north", "ada"):  # to another tenant it is as one that there is not: no error, and no effect
        await identity.sign_out(NameSession(id=opened.session))
    await identity.authenticate(Authenticate(secret=opened.secret))
    with acting("default", "ada"):
        await identity.sign_out(NameSession(id=opened.session))
    with pytest.raises(UnauthenticatedError):
        await identity.authenticate(Authenticate(secret=opened.secret))


async def test_a_session_ends_with_its_principal_and_rests_while_it_is_suspended(
    identity: IdentityService, opened: SignedIn
) -> None:
    await identity.put_principal(
        PutPrincipal(tenant="default", name="ana", email=EMAIL, roles=ANA.roles, suspended="on leave")
    )
    with pytest.raises(ForbiddenError, match="on leave"):
        await identity.authenticate(Authenticate(secret=opened.secret))
    await identity.delete_principal(NamePrincipal(tenant="default", name="ana"))
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.authenticate(Authenticate(secret=opened.secret))


async def test_me_says_who_asks_and_what_they_may(identity: IdentityService, opened: SignedIn) -> None:
    with signed_in(opened.session, "default", "ana"):
        me = await identity.me(GetMe())
    assert (me.tenant, me.principal, me.email, me.session, me.key) == ("default", "ana", EMAIL, opened.session, "")
    assert (me.roles, me.house, me.has_password) == (("developer",), False, True)
    assert me.permissions[:4] == ("keys:*", "models:read", "*:use", "usage:read")
    with pytest.raises(UnauthenticatedError, match="nobody is known"):
        await identity.me(GetMe())


async def test_somebody_with_a_role_at_one_project_acts_there(identity: IdentityService) -> None:
    held = (RoleBinding(role="viewer", project="default"),)
    await identity.put_principal(PutPrincipal(tenant="default", name="ana", email=EMAIL, roles=held))
    who = await identity.authenticate(Authenticate(secret=(await enter(identity)).secret))
    assert (who.project, who.roles) == ("default", ("viewer",))


async def test_facts_name_the_tenant(identity: IdentityService, house: SmallHouse, opened: SignedIn) -> None:
    async with house.events.subscribe([KEY_CREATED], group="t") as deliveries, house.relaying():
        with signed_in(opened.session, "default", "ana"):
            await identity.create_session_key(CreateSessionKey())
        assert (await anext(deliveries)).fact.tenant == "default"
