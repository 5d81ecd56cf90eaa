"""What upstreams promise, however they are reached."""

from collections.abc import AsyncGenerator

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.adapters.credentials.references import References
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import (
    AddCredential,
    ListProviders,
    ListUpstreams,
    NameCredential,
    NameUpstream,
    OpenUpstream,
    ReportCredential,
    UpstreamSpec,
)
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.ports.credentials import Credentials
from tulou.services.upstreams.component import COMPONENT
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.testing.house import SmallHouse, open_house


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(COMPONENT.migrations) as small:
        yield small


@pytest.fixture
async def upstreams(house: SmallHouse, binding: Binding) -> AsyncGenerator[Upstreams]:
    things = {
        UpstreamsSettings: UpstreamsSettings(),
        Credentials: References(house.secrets, {"KEY": "sk-env"}, directory=house.directory),
    }
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


async def test_an_account_is_made_used_and_removed(upstreams: Upstreams) -> None:
    known = {provider.name: provider for provider in (await upstreams.providers(ListProviders())).items}
    spec = UpstreamSpec(name="claude", provider="anthropic", headers=(("anthropic-beta", "b"),))
    made = await upstreams.put_upstream(spec)
    assert (made.spec, made.provider.dialect, made.credentials) == (spec, known["anthropic"].dialect, ())
    first = await upstreams.add_credential(AddCredential(upstream="claude", name="a", secret="sk-ant-0123456789"))
    second = await upstreams.add_credential(AddCredential(upstream="claude", name="b", reference="env://KEY"))
    found = await upstreams.upstream(NameUpstream(name="claude"))
    assert found.credentials == (first, second)
    assert (await upstreams.upstreams(ListUpstreams())).items == (found,)
    opened_ = await upstreams.open(OpenUpstream(name="claude", model="m"))
    assert dict(opened_.headers) == {"anthropic-version": "2023-06-01", "anthropic-beta": "b"}
    assert [one.headers for one in opened_.credentials] == [
        (("x-api-key", "sk-ant-0123456789"),),
        (("x-api-key", "sk-env"),),
    ]
    await upstreams.report_credential(ReportCredential(id=first.id, outcome="refused", status=401, probed=True))
    after = await upstreams.open(OpenUpstream(name="claude", model="m"))
    assert [one.id for one in after.credentials] == [second.id]
    assert after.revision > opened_.revision
    assert (await upstreams.revive_credential(NameCredential(id=first.id))).state == "active"
    await upstreams.delete_credential(NameCredential(id=second.id))
    await upstreams.delete_upstream(NameUpstream(name="claude"))
    assert (await upstreams.upstreams(ListUpstreams())).items == ()


async def test_errors_keep_their_class_words_and_field(upstreams: Upstreams) -> None:
    with pytest.raises(NotFoundError, match="no upstream named 'x'"):
        await upstreams.upstream(NameUpstream(name="x"))
    with pytest.raises(InvalidError) as refused:
        await upstreams.put_upstream(UpstreamSpec(name="u", provider="nobody"))
    assert refused.value.param == "provider"
