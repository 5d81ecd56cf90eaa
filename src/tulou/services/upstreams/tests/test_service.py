"""Accounts at vendors come and go; their credentials are sealed, tried, retired and revived."""

import io
import logging
from collections.abc import MutableMapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import select

from tulou.chassis.outbox.tables import FACTS
from tulou.contracts.upstreams.events import CREDENTIAL_SUSPECTED, UPSTREAM_CHANGED, CredentialSuspected
from tulou.contracts.upstreams.messages import (
    AddCredential,
    Credential,
    ListUpstreams,
    NameCredential,
    NameUpstream,
    OpenUpstream,
    ReportCredential,
    UpstreamSpec,
    ValidateUpstreams,
)
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError, UnavailableError
from tulou.ports.token_endpoint import TokenReply
from tulou.services.upstreams import store
from tulou.services.upstreams.service import UpstreamsService
from tulou.services.upstreams.store import CREDENTIALS, METADATA
from tulou.services.upstreams.tests.google import FakeTokens, account
from tulou.testing.house import SmallHouse
from tulou.testing.tables import differences

SPEC = UpstreamSpec(name="openai", provider="openai")
SECRET = "sk-abcdefghijklmnop"
OPEN = OpenUpstream(name="openai", model="gpt-x")


async def added(upstreams: UpstreamsService, name: str = "one", secret: str = SECRET) -> Credential:
    await upstreams.put_upstream(SPEC)
    return await upstreams.add_credential(AddCredential(upstream="openai", name=name, secret=secret))


async def only(upstreams: UpstreamsService) -> Credential:
    (credential,) = (await upstreams.upstream(NameUpstream(name="openai"))).credentials
    return credential


def refused(credential: Credential, status: int = 401, *, probed: bool = True) -> ReportCredential:
    gateway = "the probe" if probed else "gateway-1"
    return ReportCredential(id=credential.id, outcome="refused", status=status, gateway=gateway, probed=probed)


async def test_migrations_make_the_tables_that_are_declared(house: SmallHouse) -> None:
    assert await differences(house.database, METADATA) == []


async def test_a_secret_is_opened_for_serving_and_shown_to_nobody(upstreams: UpstreamsService) -> None:
    credential = await added(upstreams)
    assert (credential.state, credential.hint) == ("active", "mnop")
    opened = await upstreams.open(OPEN)
    assert opened.credentials[0].headers == (("authorization", f"Bearer {SECRET}"),)
    assert opened.base_url == "https://api.openai.com/v1"
    assert SECRET not in repr(await upstreams.upstreams(ListUpstreams()))


async def test_a_secret_is_nowhere_in_the_database_nor_in_what_is_printed(
    upstreams: UpstreamsService, house: SmallHouse, caplog: pytest.LogCaptureFixture
) -> None:
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed), caplog.at_level(logging.DEBUG):
        credential = await added(upstreams)
        await upstreams.open(OPEN)
        await upstreams.report_credential(refused(credential))
        with pytest.raises(InvalidError) as lost:
            await upstreams.open(OPEN)
    on_disk = b"".join(file.read_bytes() for file in house.directory.iterdir())
    assert b"upstreams_credentials" in on_disk
    assert SECRET.encode() not in on_disk
    assert SECRET not in printed.getvalue() + caplog.text + str(lost.value)


async def test_a_sealed_secret_does_not_open_under_another_id(upstreams: UpstreamsService, house: SmallHouse) -> None:
    await added(upstreams)
    async with house.database.transaction() as tx:
        await tx.execute(CREDENTIALS.update().values(id="cred_other"))
    with pytest.raises(InvalidError, match="it was changed or moved"):
        await upstreams.open(OPEN)


async def test_a_reference_is_followed_at_each_opening(
    upstreams: UpstreamsService, environment: MutableMapping[str, str]
) -> None:
    await upstreams.put_upstream(SPEC)
    made = await upstreams.add_credential(AddCredential(upstream="openai", name="one", reference="env://VENDOR_KEY"))
    assert (made.reference, made.hint, made.why) == ("env://VENDOR_KEY", "", "")
    assert (await upstreams.open(OPEN)).credentials[0].headers[0][1] == "Bearer sk-from-the-environment"
    environment["VENDOR_KEY"] = "sk-another"
    assert (await upstreams.open(OPEN)).credentials[0].headers[0][1] == "Bearer sk-another"
    del environment["VENDOR_KEY"]
    assert (await only(upstreams)).why == "env://VENDOR_KEY is not set or empty"
    with pytest.raises(InvalidError, match="one: env://VENDOR_KEY is not set or empty"):
        await upstreams.open(OPEN)


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_credential_that_the_probe_finds_refused_is_used_no_more_until_people_revive_it(
    upstreams: UpstreamsService, status: int
) -> None:
    bad, good = await added(upstreams, "bad"), await added(upstreams, "good", "sk-another-secret")
    await upstreams.report_credential(refused(bad, status))
    assert [one.id for one in (await upstreams.open(OPEN)).credentials] == [good.id]
    shown = (await upstreams.upstream(NameUpstream(name="openai"))).credentials[0]
    assert (shown.state, shown.why) == ("retired", f"the vendor answered {status} to the probe")
    revived = await upstreams.revive_credential(NameCredential(id=bad.id))
    assert (revived.state, revived.why) == ("active", "")
    assert len((await upstreams.open(OPEN)).credentials) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403])
async def test_a_refused_request_retires_nothing_and_has_the_credential_probed_now_and_then(
    upstreams: UpstreamsService, house: SmallHouse, status: int
) -> None:
    one, other = await added(upstreams), await added(upstreams, "other", "sk-another-secret")
    before = await _revision(house)
    for _ in range(3):
        await upstreams.report_credential(refused(one, status, probed=False))
    assert await _suspected(house) == [(one.id, status)]
    await upstreams.report_credential(refused(other, status, probed=False))
    house.clock.advance(30)
    await upstreams.report_credential(refused(one, status, probed=False))
    assert [id_ for id_, _ in await _suspected(house)] == [one.id, other.id, one.id]
    assert [it.state for it in (await upstreams.upstream(NameUpstream(name="openai"))).credentials] == ["active"] * 2
    assert len((await upstreams.open(OPEN)).credentials) == 2
    assert await _revision(house) == before


async def test_a_credential_that_is_retired_is_suspected_of_nothing(
    upstreams: UpstreamsService, house: SmallHouse
) -> None:
    credential = await added(upstreams)
    await upstreams.report_credential(refused(credential))
    await upstreams.report_credential(refused(credential, 403, probed=False))
    assert await _suspected(house) == []


async def test_an_upstream_whose_credentials_are_all_refused_says_why(upstreams: UpstreamsService) -> None:
    await upstreams.report_credential(refused(await added(upstreams)))
    with pytest.raises(InvalidError, match=r"none is in use \(one: the vendor answered 401 to the probe\)"):
        await upstreams.open(OPEN)


async def test_a_limited_credential_cools_for_a_while_and_stays_open(
    upstreams: UpstreamsService, house: SmallHouse
) -> None:
    credential = await added(upstreams)
    before = (await upstreams.open(OPEN)).revision
    await upstreams.report_credential(
        ReportCredential(id=credential.id, outcome="limited", status=429, retry_after_s=30)
    )
    assert (await only(upstreams)).state == "cooling"
    opened = await upstreams.open(OPEN)
    assert (len(opened.credentials), opened.revision) == (1, before)
    house.clock.advance(29)
    assert (await only(upstreams)).state == "cooling"
    house.clock.advance(1)
    assert ((await only(upstreams)).state, (await only(upstreams)).why) == ("active", "")


async def test_a_retired_credential_does_not_cool(upstreams: UpstreamsService) -> None:
    credential = await added(upstreams)
    await upstreams.report_credential(refused(credential))
    await upstreams.report_credential(ReportCredential(id=credential.id, outcome="limited", status=429))
    assert (await only(upstreams)).state == "retired"


async def test_reports_are_counted_once_however_many_gateways_make_them(
    upstreams: UpstreamsService, house: SmallHouse
) -> None:
    credential = await added(upstreams)
    revision = await _revision(house)
    for _ in range(5):
        await upstreams.report_credential(refused(credential))
    assert await _revision(house) == revision + 1


async def test_a_report_about_a_credential_that_was_replaced_changes_nothing(upstreams: UpstreamsService) -> None:
    old = await added(upstreams)
    new = await added(upstreams, secret="sk-a-new-secret")
    assert new.id != old.id
    await upstreams.report_credential(refused(old))
    assert (await only(upstreams)).id == new.id
    assert (await only(upstreams)).state == "active"


async def test_whoever_listens_is_told_of_each_change_and_of_nothing_else(
    upstreams: UpstreamsService, house: SmallHouse
) -> None:
    credential = await added(upstreams)
    await upstreams.put_upstream(SPEC)
    await upstreams.put_upstream(replace(SPEC, base_url="https://other.example/v1"))
    await upstreams.revive_credential(NameCredential(id=credential.id))
    await upstreams.delete_credential(NameCredential(id=credential.id))
    await upstreams.delete_upstream(NameUpstream(name="openai"))
    facts = await _facts(house)
    assert facts == [UPSTREAM_CHANGED] * 5, "made, credential added, changed, credential deleted, deleted"


async def test_an_upstream_goes_with_its_credentials(upstreams: UpstreamsService) -> None:
    credential = await added(upstreams)
    await upstreams.delete_upstream(NameUpstream(name="openai"))
    with pytest.raises(NotFoundError, match="no upstream named 'openai'; `tulou upstreams list`"):
        await upstreams.open(OPEN)
    with pytest.raises(NotFoundError, match="no credential"):
        await upstreams.delete_credential(NameCredential(id=credential.id))


async def test_an_unknown_provider_is_refused_with_the_nearest_name(upstreams: UpstreamsService) -> None:
    with pytest.raises(InvalidError, match="no provider 'antropic'; did you mean 'anthropic'") as wrong:
        await upstreams.put_upstream(UpstreamSpec(name="a", provider="antropic"))
    assert wrong.value.param == "provider"


async def test_a_variable_that_is_missing_or_unknown_is_refused(upstreams: UpstreamsService) -> None:
    azure = UpstreamSpec(name="a", provider="azure-openai")
    with pytest.raises(InvalidError, match=r"needs variables\.resource"):
        await upstreams.put_upstream(azure)
    with pytest.raises(InvalidError, match=r"variables\.region: .* no such variable; there are resource"):
        await upstreams.put_upstream(replace(azure, variables={"resource": "r", "region": "x"}))
    made = await upstreams.put_upstream(replace(azure, variables={"resource": "ours"}))
    assert made.provider.base_url == "https://ours.openai.azure.com/openai/v1"


async def test_an_account_of_an_earlier_version_with_variables_that_stand_nowhere_is_opened(
    house: SmallHouse, upstreams: UpstreamsService
) -> None:
    """Accounts at addresses of their own were kept with whatever variables they had."""
    spec = UpstreamSpec(
        name="old", provider="ollama", base_url="http://llm.lan/v1", variables={"region": "x", "resource": "y"}
    )
    async with house.database.transaction() as tx:
        await store.add(tx, spec, at=1.0)
    opened = await upstreams.open(OpenUpstream(name="old", model="m"))
    assert opened.base_url == "http://llm.lan/v1"
    assert (await upstreams.put_upstream(spec)).provider.base_url == "http://llm.lan/v1", "it can be put back"
    assert (await upstreams.validate_upstreams(ValidateUpstreams(items=(spec,)))).items == ()


async def test_a_server_without_an_address_needs_one(upstreams: UpstreamsService) -> None:
    with pytest.raises(InvalidError, match="has no address of its own: give base_url"):
        await upstreams.put_upstream(UpstreamSpec(name="a", provider="openai-compatible"))


async def test_a_server_that_asks_for_nothing_is_opened_without_a_credential(upstreams: UpstreamsService) -> None:
    await upstreams.put_upstream(UpstreamSpec(name="here", provider="ollama"))
    assert (await upstreams.open(OpenUpstream(name="here", model="m"))).credentials == ()


async def test_one_that_needs_a_credential_and_has_none_says_how_to_add_it(upstreams: UpstreamsService) -> None:
    await upstreams.put_upstream(SPEC)
    with pytest.raises(InvalidError, match="it has none; `tulou credentials add openai` adds one"):
        await upstreams.open(OPEN)


async def test_there_are_only_so_many(upstreams: UpstreamsService) -> None:
    for number in range(3):
        await added(upstreams, f"c{number}")
    with pytest.raises(LimitedError, match="max_credentials"):
        await added(upstreams, "c3")
    await added(upstreams, "c0", "sk-replacing-is-fine")
    for number in range(4):
        await upstreams.put_upstream(UpstreamSpec(name=f"u{number}", provider="ollama"))
    with pytest.raises(LimitedError, match="max_upstreams"):
        await upstreams.put_upstream(UpstreamSpec(name="u4", provider="ollama"))


async def _revision(house: SmallHouse) -> int:
    async with house.database.reading() as tx:
        return (await tx.rows(METADATA.tables["upstreams_upstreams"].select()))[0]["revision"]


async def _suspected(house: SmallHouse) -> list[tuple[str, int]]:
    async with house.database.reading() as tx:
        facts = await tx.rows(FACTS.select().where(FACTS.c.topic == CREDENTIAL_SUSPECTED))
    suspected = [msgspec.json.decode(fact["body"], type=CredentialSuspected) for fact in facts]
    return [(one.credential, one.status) for one in suspected]


async def _facts(house: SmallHouse) -> list[str]:
    async with house.database.reading() as tx:
        return [row["topic"] for row in await tx.rows(FACTS.select())]


VERTEX = UpstreamSpec(name="vertex", provider="vertex", variables={"project": "p", "location": "europe-west4"})


async def test_a_service_account_is_sealed_and_opened_as_a_token(
    upstreams: UpstreamsService, house: SmallHouse
) -> None:
    await upstreams.put_upstream(VERTEX)
    credential = await upstreams.add_credential(AddCredential(upstream="vertex", name="sa", secret=account()))
    opened = await upstreams.open(OpenUpstream(name="vertex", model="gemini"))
    assert opened.base_url == "https://europe-west4-aiplatform.googleapis.com"
    assert opened.provider.paths["chat"].startswith("/v1/projects/p/locations/europe-west4/publishers/google/models/{m")
    assert [one.headers for one in opened.credentials] == [(("authorization", "Bearer ya29.1"),)]
    house.clock.advance(120)
    await upstreams.report_credential(refused(credential, 401, probed=False))
    again = await upstreams.open(OpenUpstream(name="vertex", model="gemini"))
    assert [one.headers for one in again.credentials] == [(("authorization", "Bearer ya29.2"),)]
    assert again.revision > opened.revision
    (shown,) = (await upstreams.upstream(NameUpstream(name="vertex"))).credentials
    assert (shown.state, shown.hint) == ("active", "")


async def test_while_whoever_gives_tokens_is_away_an_account_is_unavailable_and_not_wrong(
    upstreams: UpstreamsService, giver: FakeTokens, house: SmallHouse
) -> None:
    await upstreams.put_upstream(VERTEX)
    await upstreams.add_credential(AddCredential(upstream="vertex", name="sa", secret=account()))
    giver.away = True
    with pytest.raises(UnavailableError, match=r"'vertex' needs a credential and none is in use \(sa: no") as away:
        await upstreams.open(OpenUpstream(name="vertex", model="gemini"))
    assert "credentials add" not in str(away.value)
    await upstreams.add_credential(AddCredential(upstream="vertex", name="key", secret=SECRET))
    opened = await upstreams.open(OpenUpstream(name="vertex", model="gemini"))
    assert len(opened.credentials) == 1, "what can be opened is used meanwhile"
    giver.away = False
    house.clock.advance(121)
    assert len((await upstreams.open(OpenUpstream(name="vertex", model="gemini"))).credentials) == 2


async def test_a_refused_service_account_is_wrong_and_stays_so(upstreams: UpstreamsService, giver: FakeTokens) -> None:
    await upstreams.put_upstream(VERTEX)
    await upstreams.add_credential(AddCredential(upstream="vertex", name="sa", secret=account()))
    giver.reply = TokenReply(400, b'{"error": "invalid_grant"}')
    with pytest.raises(InvalidError, match="`tulou credentials add vertex` adds one"):
        await upstreams.open(OpenUpstream(name="vertex", model="gemini"))


async def test_an_account_whose_fresh_token_is_refused_is_suspected_like_any(
    upstreams: UpstreamsService, house: SmallHouse
) -> None:
    await upstreams.put_upstream(VERTEX)
    credential = await upstreams.add_credential(AddCredential(upstream="vertex", name="sa", secret=account()))
    await upstreams.open(OpenUpstream(name="vertex", model="gemini"))
    await upstreams.report_credential(refused(credential, 401, probed=False))
    async with house.database.reading() as tx:
        topics = [row["topic"] for row in await tx.rows(select(FACTS.c.topic))]
    assert CREDENTIAL_SUSPECTED in topics


async def test_an_api_key_of_google_is_a_header_and_what_is_no_account_is_refused_when_it_is_given(
    upstreams: UpstreamsService,
) -> None:
    await upstreams.put_upstream(UpstreamSpec(name="express", provider="vertex-express"))
    await upstreams.add_credential(AddCredential(upstream="express", name="key", secret="AIzaSy-0123456789"))
    opened = await upstreams.open(OpenUpstream(name="express", model="gemini"))
    assert [one.headers for one in opened.credentials] == [(("x-goog-api-key", "AIzaSy-0123456789"),)]
    await upstreams.put_upstream(VERTEX)
    for secret in (account(type="authorized_user"), account(private_key="no key")):
        with pytest.raises(InvalidError) as caught:
            await upstreams.add_credential(AddCredential(upstream="vertex", name="bad", secret=secret))
        assert caught.value.param == "secret"
    assert (await upstreams.upstream(NameUpstream(name="vertex"))).credentials == ()


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("global", "https://aiplatform.googleapis.com"),
        ("us-central1", "https://us-central1-aiplatform.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
    ],
)
async def test_each_location_has_its_address(upstreams: UpstreamsService, location: str, address: str) -> None:
    made = await upstreams.put_upstream(replace(VERTEX, variables={"project": "p", "location": location}))
    assert made.provider.base_url == address
    assert f"/locations/{location}/" in made.provider.paths["chat"]


async def test_a_variable_that_only_paths_need_is_asked_for_at_another_address_too(upstreams: UpstreamsService) -> None:
    with pytest.raises(InvalidError, match=r"needs variables\.project"):
        await upstreams.put_upstream(replace(VERTEX, variables={}, base_url="https://proxy.example"))
    made = await upstreams.put_upstream(replace(VERTEX, base_url="https://proxy.example"))
    assert made.provider.base_url == "https://proxy.example"
