"""What identity promises, however it is reached."""

from collections.abc import AsyncGenerator

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import Authenticate, CreateKey, ListGrants, ListKeys, NameKey
from tulou.kernel.errors import InvalidError, NotFoundError, UnauthenticatedError
from tulou.ports.credentials import Credentials
from tulou.ports.openid import OpenIdProviders
from tulou.services.identity.component import COMPONENT
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.tests.conftest import CHEAP
from tulou.services.identity.tests.fakes import NoCredentials, NoWeb, RoleBook
from tulou.testing.house import SmallHouse


@pytest.fixture
async def identity(house: SmallHouse, binding: Binding) -> AsyncGenerator[Identity]:
    things = {
        IdentitySettings: CHEAP,
        Governance: RoleBook(),
        OpenIdProviders: NoWeb(),
        Credentials: NoCredentials(),
    }
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


async def test_a_key_opens_until_it_is_revoked(identity: Identity, house: SmallHouse) -> None:
    request = CreateKey(
        name="app", scopes=("inference", "admin"), models=("a", "b-*"), expires_at=house.clock.now() + 9
    )
    made = await identity.create_key(request)
    assert (made.key.models, made.key.expires_at) == (request.models, request.expires_at)
    who = await identity.authenticate(Authenticate(secret=made.secret))
    assert (who.key, who.scopes) == (made.key.id, ("inference", "admin"))
    assert [grant.key for grant in (await identity.grants(ListGrants())).items] == [made.key.id]
    revoked = await identity.revoke_key(NameKey(id=made.key.id))
    assert revoked.revoked_at == house.clock.now()
    assert revoked == await identity.key(NameKey(id=made.key.id))
    assert (await identity.keys(ListKeys())).items == ()
    with pytest.raises(UnauthenticatedError, match="is revoked"):
        await identity.authenticate(Authenticate(secret=made.secret))


async def test_errors_keep_their_class_words_and_field(identity: Identity) -> None:
    with pytest.raises(NotFoundError, match="no key 'key_x'; `tulou keys list` shows those there are"):
        await identity.key(NameKey(id="key_x"))
    with pytest.raises(InvalidError) as refused:
        await identity.create_key(CreateKey(name="", principal="p"))
    assert refused.value.param == "name"
