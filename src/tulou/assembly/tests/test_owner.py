"""The owner of a house can sign in once and always has a key; what they change or remove stays so."""

from collections.abc import AsyncGenerator

import pytest

from tulou.assembly.owner import ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD, ensure_owner
from tulou.contracts.identity.messages import (
    Authenticate,
    CreateKey,
    ListKeys,
    NameKey,
    NamePrincipal,
    PutPrincipal,
    RoleBinding,
    SignIn,
)
from tulou.kernel.errors import ForbiddenError, UnauthenticatedError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.tests.conftest import service_in
from tulou.testing.house import open_house
from tulou.testing.memory.secrets import MemorySecrets

ADMIN = NamePrincipal(tenant="default", name="admin")
OPERATOR = (RoleBinding(role="operator"),)


class ReadOnly(MemorySecrets):
    """Secrets that come from the surroundings: here, the key alone."""

    async def put(self, name: str, value: bytes) -> None:
        del value
        raise ForbiddenError(f"secrets come from the environment here: set {name}")

    async def create(self, name: str, value: bytes) -> bytes:
        await self.put(name, value)
        return value


@pytest.fixture
async def identity() -> AsyncGenerator[IdentityService]:
    async with open_house("tulou.services.identity.migrations") as house:
        yield service_in(house)


@pytest.fixture
def secrets() -> MemorySecrets:
    return MemorySecrets()


async def password_of(secrets: MemorySecrets) -> str:
    return (await secrets.find(ADMIN_PASSWORD) or b"").decode()


async def signs_in(identity: IdentityService, password: str) -> bool:
    try:
        return bool((await identity.sign_in(SignIn(email=ADMIN_EMAIL, password=password))).session)
    except UnauthenticatedError:
        return False


async def test_the_owner_gets_a_key_and_a_password_for_the_same_principal(
    identity: IdentityService, secrets: MemorySecrets
) -> None:
    await ensure_owner(identity, secrets)
    key = (await secrets.find(ADMIN_KEY) or b"").decode()
    who = await identity.authenticate(Authenticate(secret=key))
    assert (who.tenant, who.principal, who.roles, who.kind) == ("default", "admin", ("operator",), "user")
    assert await signs_in(identity, await password_of(secrets))


async def test_later_starts_change_nothing(identity: IdentityService, secrets: MemorySecrets) -> None:
    await ensure_owner(identity, secrets)
    key, password = await secrets.find(ADMIN_KEY), await password_of(secrets)
    await identity.put_principal(
        PutPrincipal(tenant="default", name="admin", email=ADMIN_EMAIL, roles=OPERATOR, password="five other words now")
    )
    await ensure_owner(identity, secrets)
    assert (await secrets.find(ADMIN_KEY), await password_of(secrets)) == (key, password)
    assert not await signs_in(identity, password)
    assert await signs_in(identity, "five other words now")
    assert len((await identity.keys(ListKeys(revoked=True))).items) == 1


async def test_a_start_that_was_cut_short_is_taken_up(identity: IdentityService, secrets: MemorySecrets) -> None:
    await secrets.put(ADMIN_PASSWORD, b"kept by a start that was killed")
    await ensure_owner(identity, secrets)
    assert await signs_in(identity, "kept by a start that was killed")


async def test_a_key_that_is_not_valid_any_more_is_replaced(identity: IdentityService, secrets: MemorySecrets) -> None:
    await ensure_owner(identity, secrets)
    before = await secrets.find(ADMIN_KEY)
    await identity.revoke_key(NameKey(id=(await identity.keys(ListKeys())).items[0].id))
    await ensure_owner(identity, secrets)
    assert await secrets.find(ADMIN_KEY) != before


async def test_the_owner_of_a_house_that_moved_to_a_new_database_signs_in_as_before(
    identity: IdentityService, secrets: MemorySecrets
) -> None:
    async with open_house("tulou.services.identity.migrations") as before:
        await ensure_owner(service_in(before), secrets)
    stale, password = await secrets.find(ADMIN_KEY), await password_of(secrets)

    await ensure_owner(identity, secrets)

    assert await signs_in(identity, password)
    key = await secrets.find(ADMIN_KEY) or b""
    assert key != stale
    assert (await identity.authenticate(Authenticate(secret=key.decode()))).principal == "admin"


async def test_an_owner_who_was_removed_comes_back_with_a_key_alone(
    identity: IdentityService, secrets: MemorySecrets
) -> None:
    await ensure_owner(identity, secrets)
    password = await password_of(secrets)
    await identity.put_principal(PutPrincipal(tenant="default", name="ana", email="ana@example.org", roles=OPERATOR))
    await identity.delete_principal(ADMIN)
    await ensure_owner(identity, secrets)
    await ensure_owner(identity, secrets)
    assert not await signs_in(identity, password)
    key = (await secrets.find(ADMIN_KEY) or b"").decode()
    assert (await identity.authenticate(Authenticate(secret=key))).roles == ("operator",)


async def test_a_house_from_before_there_were_passwords_gets_one(
    identity: IdentityService, secrets: MemorySecrets
) -> None:
    made = await identity.create_key(CreateKey(name="first start", scopes=("admin", "inference")))
    await secrets.put(ADMIN_KEY, made.secret.encode())
    await ensure_owner(identity, secrets)
    assert await signs_in(identity, await password_of(secrets))
    assert (await secrets.find(ADMIN_KEY) or b"").decode() == made.secret


async def test_secrets_that_can_only_be_read_are_no_hindrance(identity: IdentityService) -> None:
    made = await identity.create_key(CreateKey(name="mine", scopes=("admin",)))
    secrets = ReadOnly()
    await MemorySecrets.put(secrets, ADMIN_KEY, made.secret.encode())
    await ensure_owner(identity, secrets)
    assert not (await identity.principal(ADMIN)).has_password
