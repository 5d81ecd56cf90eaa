"""Sealed credentials come back for a while after they were deleted, in the state that they had."""

import pytest

from tulou.contracts.upstreams.messages import (
    AddCredential,
    Credential,
    ListDeletedCredentials,
    NameCredential,
    NameUpstream,
    OpenUpstream,
    ReportCredential,
    RestoreCredentials,
    UpstreamSpec,
)
from tulou.services.upstreams.deletions import DAY_S
from tulou.services.upstreams.service import UpstreamsService
from tulou.services.upstreams.store import METADATA
from tulou.testing.house import SmallHouse
from tulou.testing.tables import differences

SPEC = UpstreamSpec(name="second", provider="openai")
BACK = RestoreCredentials(upstream="second", since=0.0)


@pytest.fixture
async def sealed(upstreams: UpstreamsService) -> Credential:
    await upstreams.put_upstream(SPEC)
    return await upstreams.add_credential(AddCredential(upstream="second", name="main", secret="sk-vendor-1"))


async def test_the_tables_are_those_that_the_revisions_make(house: SmallHouse) -> None:
    assert await differences(house.database, METADATA) == []


async def test_a_sealed_credential_comes_back_with_its_upstream_and_opens_the_vendor(
    upstreams: UpstreamsService, sealed: Credential
) -> None:
    before = await upstreams.open(OpenUpstream(name="second", model="gpt"))
    await upstreams.delete_upstream(NameUpstream(name="second"))
    assert (await upstreams.restore_credentials(BACK)).items == ()  # there is no upstream that they could be for
    await upstreams.put_upstream(SPEC)
    (came,) = (await upstreams.restore_credentials(BACK)).items
    assert (came.id, came.name, came.hint) == (sealed.id, "main", sealed.hint)
    assert (await upstreams.open(OpenUpstream(name="second", model="gpt"))).credentials == before.credentials
    assert (await upstreams.restore_credentials(BACK)).items == ()


async def test_one_that_was_deleted_by_itself_comes_back_unless_its_name_is_taken(
    upstreams: UpstreamsService, sealed: Credential
) -> None:
    await upstreams.delete_credential(NameCredential(id=sealed.id))
    await upstreams.add_credential(AddCredential(upstream="second", name="main", secret="sk-vendor-2"))
    assert (await upstreams.restore_credentials(BACK)).items == ()
    (kept,) = (await upstreams.deleted_credentials(ListDeletedCredentials())).items
    assert kept.id == sealed.id


async def test_a_retired_one_stays_retired_and_references_are_not_kept(
    upstreams: UpstreamsService, sealed: Credential
) -> None:
    await upstreams.report_credential(ReportCredential(id=sealed.id, outcome="refused", status=401, probed=True))
    await upstreams.add_credential(AddCredential(upstream="second", name="env", reference="env://VENDOR_KEY"))
    await upstreams.delete_upstream(NameUpstream(name="second"))
    await upstreams.put_upstream(SPEC)
    await upstreams.restore_credentials(BACK)
    (back,) = (await upstreams.upstream(NameUpstream(name="second"))).credentials
    assert (back.id, back.state) == (sealed.id, "retired")


async def test_one_is_removed_for_ever_after_its_days(
    upstreams: UpstreamsService, sealed: Credential, house: SmallHouse
) -> None:
    await upstreams.delete_credential(NameCredential(id=sealed.id))
    house.clock.advance(31 * DAY_S)
    assert await upstreams.deletions.sweep() == 1
    assert (await upstreams.restore_credentials(BACK)).items == ()
