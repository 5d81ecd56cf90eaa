"""Keys: how they are made, proved, shown and ended."""

import hashlib
import re
import time

import pytest
from sqlalchemy import select

from tulou.contracts.identity.events import KEY_CREATED, KEY_REVOKED
from tulou.contracts.identity.messages import Authenticate, CreateKey, ListGrants, ListKeys, NameKey
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError, TulouError, UnauthenticatedError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store.tables import KEYS, METADATA
from tulou.services.identity.tests.conftest import service_in
from tulou.testing.house import SmallHouse
from tulou.testing.tables import differences

READER = CreateKey(name="reader", principal="ana@example.org", models=("demo-*",))


async def test_the_tables_are_those_that_the_revisions_make(house: SmallHouse) -> None:
    assert await differences(house.database, METADATA) == []


async def test_a_secret_proves_its_owner(identity: IdentityService) -> None:
    made = await identity.create_key(READER)
    who = await identity.authenticate(Authenticate(secret=made.secret))
    assert (who.key, who.tenant, who.principal, who.scopes) == (
        made.key.id,
        "default",
        "ana@example.org",
        ("inference",),
    )


async def test_secrets_are_long_random_and_begin_with_the_shown_prefix(identity: IdentityService) -> None:
    first, second = await identity.create_key(READER), await identity.create_key(READER)
    assert re.fullmatch(r"sk-tulou-[0-9A-Za-z]{48}", first.secret)
    assert first.secret.startswith(first.key.prefix)
    assert len(first.key.prefix) == len("sk-tulou-") + 8
    assert first.secret != second.secret


async def test_the_database_holds_only_the_digest_of_a_secret(identity: IdentityService, house: SmallHouse) -> None:
    made = await identity.create_key(READER)
    async with house.database.reading() as tx:
        row = (await tx.rows(select(KEYS)))[0]
    assert row["digest"] == hashlib.sha256(made.secret.encode()).hexdigest()
    assert made.secret not in repr(dict(row))


async def test_a_revoked_key_is_refused_at_once_and_revoking_twice_is_one_fact(
    identity: IdentityService, house: SmallHouse
) -> None:
    made = await identity.create_key(READER)
    async with house.events.subscribe([KEY_CREATED, KEY_REVOKED], group="test") as deliveries, house.relaying():
        revoked = await identity.revoke_key(NameKey(id=made.key.id))
        house.clock.advance(10)
        assert await identity.revoke_key(NameKey(id=made.key.id)) == revoked
        other = await identity.create_key(READER)
        facts = [(await anext(deliveries)).fact for _ in range(3)]
    assert [fact.topic for fact in facts] == [KEY_CREATED, KEY_REVOKED, KEY_CREATED]
    assert facts[1].body == f'{{"key":"{made.key.id}"}}'
    assert facts[2].body == f'{{"key":"{other.key.id}"}}'
    with pytest.raises(UnauthenticatedError, match="is revoked") as refused:
        await identity.authenticate(Authenticate(secret=made.secret))
    assert made.secret not in str(refused.value)


async def test_a_key_expires_at_its_time(identity: IdentityService, house: SmallHouse) -> None:
    expiring = CreateKey(name="guest", expires_at=house.clock.now() + 60)
    made = await identity.create_key(expiring)
    house.clock.advance(59)
    await identity.authenticate(Authenticate(secret=made.secret))
    house.clock.advance(1)
    with pytest.raises(UnauthenticatedError, match="is expired"):
        await identity.authenticate(Authenticate(secret=made.secret))


@pytest.mark.parametrize("secret", ["", "sk-other", "sk-tulou-" + "x" * 48, "sk-tulou-" + "\ud800" * 48, "x" * 100_000])
async def test_an_unknown_secret_is_refused_without_being_repeated(identity: IdentityService, secret: str) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        await identity.authenticate(Authenticate(secret=secret))
    assert len(str(refused.value)) < 200


async def test_grants_are_the_valid_keys_and_nothing_else(identity: IdentityService, house: SmallHouse) -> None:
    kept = await identity.create_key(READER)
    revoked = await identity.create_key(READER)
    await identity.create_key(CreateKey(name="guest", expires_at=house.clock.now() + 60))
    await identity.revoke_key(NameKey(id=revoked.key.id))
    house.clock.advance(61)
    grants = (await identity.grants(ListGrants())).items
    assert [grant.key for grant in grants] == [kept.key.id]
    assert grants[0].digest == hashlib.sha256(kept.secret.encode()).hexdigest()
    assert grants[0].models == ("demo-*",)


async def test_pages_show_revoked_keys_only_when_asked(identity: IdentityService) -> None:
    made = [(await identity.create_key(READER)).key.id for _ in range(3)]
    await identity.revoke_key(NameKey(id=made[0]))
    first = await identity.keys(ListKeys(limit=2))
    assert {key.id for key in first.items} == {made[1], made[2]}
    assert first.next is None
    both = await identity.keys(ListKeys(limit=2, revoked=True))
    rest = await identity.keys(ListKeys(limit=2, revoked=True, after=both.next or ""))
    assert {key.id for key in (*both.items, *rest.items)} == set(made)


async def test_there_is_a_most_number_of_keys(house: SmallHouse) -> None:
    identity = service_in(house, IdentitySettings(max_keys=1))
    await identity.create_key(READER)
    with pytest.raises(LimitedError, match="max_keys"):
        await identity.create_key(READER)


async def test_an_unknown_key_is_not_found(identity: IdentityService) -> None:
    for attempt in (identity.key(NameKey(id="key_x")), identity.revoke_key(NameKey(id="key_x"))):
        with pytest.raises(NotFoundError, match="no key 'key_x'"):
            await attempt


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        (CreateKey(name=""), "name"),
        (CreateKey(name="x" * 101), "name"),
        (CreateKey(name="line\nbreak"), "name"),
        (CreateKey(name="half\ud800"), "name"),
        (CreateKey(name="k", principal="a b"), "principal"),
        (CreateKey(name="k", tenant="../x"), "tenant"),
        (CreateKey(name="k", project=""), "project"),
        (CreateKey(name="k", scopes=()), "scopes"),
        (CreateKey(name="k", scopes=("admin", "admin")), "scopes"),
        (CreateKey(name="k", models=()), "models"),
        (CreateKey(name="k", models=("*", "a b")), "models[1]"),
        (CreateKey(name="k", expires_at=time.time() - 1e9), "expires_at"),
        (CreateKey(name="k", expires_at=float("nan")), "expires_at"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused_by_field(
    identity: IdentityService, wrong: CreateKey, param: str
) -> None:
    with pytest.raises(TulouError) as refused:
        await identity.create_key(wrong)
    assert isinstance(refused.value, InvalidError)
    assert refused.value.param == param
