"""A rollback is planned before it is made, names what goes, tells of each thing, and can be taken back."""

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import contextmanager

import msgspec
import pytest

from tests.contracts.whole import Whole, open_whole
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply, ListRevisions, MakePlan, PlanRollback, Revision, Rollback
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import AuditEntry, ListAudit, VerifyAudit
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import (
    Authenticate,
    CreatedKey,
    CreateKey,
    ListGrants,
    ListKeys,
    NameKey,
    NamePrincipal,
    Project,
    PutPrincipal,
    RoleBinding,
    Tenant,
)
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import AddCredential, NameCredential, NameUpstream, OpenUpstream, UpstreamSpec
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError, UnauthenticatedError
from tulou.testing.eventually import eventually

TENANTS = ("east", "north", "west")
PEOPLE, SERVICES, KEYS, PROJECTS = 14, 5, 40, 18


@pytest.fixture
async def whole() -> AsyncGenerator[Whole]:
    async with open_whole() as opened:

        async def first() -> bool:
            return bool((await opened[Configuration].revisions(ListRevisions())).items)

        await eventually(first)
        yield opened


@contextmanager
def chief() -> Generator[None]:
    """Act as somebody who reaches over the house, in a request of their own."""
    told = Context(
        actor=KeyActor(tenant="default", principal="chief"), request_id="req_back", house=True, roles=("operator",)
    )
    token = CONTEXT.set(told)
    try:
        yield
    finally:
        CONTEXT.reset(token)


async def settled(whole: Whole) -> Revision:
    """Return the revision that says how the house is now."""
    await whole[Configuration].plan(MakePlan(text="version: 1", replay_s=0))  # looks, and records what it finds
    return (await whole[Configuration].revisions(ListRevisions(limit=1))).items[0]


async def furnish(whole: Whole) -> Sequence[CreatedKey]:
    """Fill a house: three tenants with 18 projects of their own, 14 people, 5 services, 40 keys, sealed credentials."""
    identity, upstreams = whole[Identity], whole[Upstreams]
    for tenant in TENANTS:
        await identity.put_tenant(Tenant(name=tenant, title=tenant.title(), created_at=0))
    for place in range(PROJECTS):
        await identity.put_project(Project(tenant=TENANTS[place % 3], name=f"project-{place}", created_at=0))
    for place in range(PEOPLE + SERVICES):
        await identity.put_principal(
            PutPrincipal(
                tenant=TENANTS[place % 3],
                name=f"one-{place}",
                kind="user" if place < PEOPLE else "service",
                email=f"one-{place}@example.org" if place < PEOPLE else "",
                roles=(RoleBinding(role="developer"),),
            )
        )
    made: list[CreatedKey] = []
    for place in range(KEYS):
        owner = place % (PEOPLE + SERVICES)
        request = CreateKey(name=f"key-{place}", tenant=TENANTS[owner % 3], principal=f"one-{owner}")
        made.append(await identity.create_key(request))
    for name in ("first", "second"):
        await upstreams.put_upstream(UpstreamSpec(name=name, provider="openai"))
        await upstreams.add_credential(AddCredential(upstream=name, name="main", secret=f"sk-vendor-{name}"))
    return made


async def entries(whole: Whole) -> list[AuditEntry]:
    """Return all entries of the trail, the oldest first."""
    found: list[AuditEntry] = []
    after: int | None = 0
    while after is not None:
        page = await whole[Governance].audit(ListAudit(limit=500, after=after, oldest_first=True))
        found += [record.entry for record in page.items]
        after = page.next
    return found


async def works(whole: Whole, key: CreatedKey) -> bool:
    try:
        await whole[Identity].authenticate(Authenticate(secret=key.secret))
    except UnauthenticatedError:
        return False
    return True


async def test_a_whole_house_goes_and_comes_back_with_keys_that_wait_to_be_enabled(whole: Whole) -> None:
    configuration, identity = whole[Configuration], whole[Identity]
    await identity.put_principal(PutPrincipal(tenant="default", name="chief", roles=(RoleBinding(role="operator"),)))
    empty = await settled(whole)
    keys = await furnish(whole)
    full = await settled(whole)
    opened = await whole[Upstreams].open(OpenUpstream(name="second", model="gpt"))

    plan = await configuration.plan_rollback(PlanRollback(revision=empty.number))
    assert plan.base == full.number
    gone = [change for change in plan.changes if change.kind == "delete"]
    counted = {section: sum(change.resource == section for change in gone) for section in ("tenants", "principals")}
    assert counted == {"tenants": 3, "principals": PEOPLE + SERVICES}
    warned = "\n".join(plan.warnings)
    assert all(f"'{TENANTS[place % 3]}/one-{place}'" in warned for place in range(PEOPLE + SERVICES))
    assert warned.count("1 sealed credentials go with it") == 2
    assert "3 keys end at once, and come back disabled by a rollback" in warned

    with chief():
        back = Rollback(revision=empty.number, base=plan.base, reason="undo")
        await configuration.rollback(back)
    assert [await works(whole, key) for key in keys] == [False] * KEYS
    went = [entry for entry in await entries(whole) if entry.request_id == "req_back"]
    told = {entry.resource for entry in went}
    assert {f"keys/{key.key.id}" for key in keys} <= told
    assert {f"principals/{TENANTS[place % 3]}/one-{place}" for place in range(PEOPLE + SERVICES)} <= told
    assert {f"tenants/{tenant}" for tenant in TENANTS} <= told
    assert {f"{change.resource}/{change.name}" for change in gone} <= told
    assert sum(entry.resource.startswith("credentials/") for entry in went) == 2
    assert {entry.principal for entry in went} == {"chief"}
    assert (await whole[Governance].verify(VerifyAudit())).intact

    forth = await configuration.plan_rollback(PlanRollback(revision=full.number))
    assert sum("disabled until somebody enables them" in line for line in forth.returns) == PEOPLE + SERVICES
    assert sum("needs a new password" in line for line in forth.returns) == PEOPLE
    assert sum(line.startswith("credential 'main' of upstream") for line in forth.returns) == 2
    await configuration.rollback(Rollback(revision=full.number, base=forth.base))
    assert (await settled(whole)).changes == (await configuration.revisions(ListRevisions(limit=1))).items[0].changes
    assert (await configuration.plan_rollback(PlanRollback(revision=full.number))).changes == ()
    grants = (await identity.grants(ListGrants())).items
    assert {grant.key: grant.digest for grant in grants}.keys() == {key.key.id for key in keys}
    assert all(grant.disabled for grant in grants)
    assert [await works(whole, key) for key in keys] == [False] * KEYS
    for key in keys:
        await identity.enable_key(NameKey(id=key.key.id))
    assert [await works(whole, key) for key in keys] == [True] * KEYS
    assert await whole[Upstreams].open(OpenUpstream(name="second", model="gpt")) == opened
    assert (await whole[Governance].verify(VerifyAudit())).intact


async def test_one_change_alone_is_taken_back(whole: Whole) -> None:
    configuration = whole[Configuration]
    await furnish(whole)
    full = await settled(whole)
    for name in ("one-0", "one-3"):
        await whole[Identity].delete_principal(NamePrincipal(tenant="east", name=name))
    await settled(whole)
    for asked in ("principals/east/one-0", "principal/east/one-0"):
        plan = await configuration.plan_rollback(PlanRollback(revision=full.number, only=(asked,)))
        assert [(change.kind, change.name) for change in plan.changes] == [("create", "east/one-0")]
    done = await configuration.rollback(Rollback(revision=full.number, only=("principals/east/one-0",)))
    assert [change.name for change in done.revision.changes] == ["east/one-0"]
    with pytest.raises(NotFoundError):
        await whole[Identity].principal(NamePrincipal(tenant="east", name="one-3"))
    with pytest.raises(
        InvalidError, match=r"'principals/east/ghost' does not change; what does is principals/east/one-3"
    ):
        await configuration.rollback(Rollback(revision=full.number, only=("principals/east/ghost",)))


async def test_a_plan_that_is_old_is_refused_and_nothing_goes(whole: Whole) -> None:
    configuration = whole[Configuration]
    empty = await settled(whole)
    keys = await furnish(whole)
    plan = await configuration.plan_rollback(PlanRollback(revision=empty.number))
    await whole[Identity].put_tenant(Tenant(name="south", created_at=0))
    with pytest.raises(ConflictError, match="plan again"):
        await configuration.rollback(Rollback(revision=empty.number, base=plan.base))
    assert [await works(whole, key) for key in keys] == [True] * KEYS


async def test_what_fails_in_the_middle_leaves_keys_and_credentials_as_they_were(whole: Whole) -> None:
    """Principals and accounts go before a project, whose removal fails for a key that somebody else has in it."""
    configuration = whole[Configuration]
    keys = await furnish(whole)
    await settled(whole)
    await whole[Identity].put_principal(PutPrincipal(tenant="default", name="chief"))
    await whole[Identity].put_project(Project(tenant="default", name="own", created_at=0))
    held = await whole[Identity].create_key(CreateKey(name="k", tenant="default", principal="chief", project="own"))
    kept = "version: 1\nprincipals: [{name: chief}]\nupstreams: []\ntenants: []\nprojects: []\n"
    with pytest.raises(ConflictError, match="has valid keys; revoke them first; everything is as it was"):
        await configuration.apply(Apply(text=kept))
    assert [await works(whole, key) for key in (*keys, held)] == [True] * (KEYS + 1)
    assert len((await whole[Upstreams].upstream(NameUpstream(name="second"))).credentials) == 1


async def test_an_erased_person_stays_gone_and_the_rest_comes_back(whole: Whole) -> None:
    configuration = whole[Configuration]
    keys = await furnish(whole)
    full = await settled(whole)
    for name in ("one-0", "one-3"):
        await whole[Identity].delete_principal(NamePrincipal(tenant="east", name=name))
    await whole[Identity].erase_principal(NamePrincipal(tenant="east", name="one-0"))
    plan = await configuration.plan_rollback(PlanRollback(revision=full.number))
    assert [change.name for change in plan.changes] == ["east/one-3"]
    assert "east/one-0 was erased, and stays gone" in plan.warnings
    await configuration.rollback(Rollback(revision=full.number))
    with pytest.raises(NotFoundError):
        await whole[Identity].principal(NamePrincipal(tenant="east", name="one-0"))
    listed = {key.id for key in (await whole[Identity].keys(ListKeys(limit=100))).items}
    assert listed == {key.key.id for key in keys if key.key.principal != "one-0"}


async def test_a_credential_that_was_deleted_by_itself_comes_back_too(whole: Whole) -> None:
    configuration, upstreams = whole[Configuration], whole[Upstreams]
    await furnish(whole)
    full = await settled(whole)
    (sealed,) = (await upstreams.upstream(NameUpstream(name="second"))).credentials
    await upstreams.delete_credential(NameCredential(id=sealed.id))
    plan = await configuration.plan_rollback(PlanRollback(revision=full.number))
    assert (plan.changes, plan.returns) == (
        (),
        ("credential 'main' of upstream 'second': it comes back as it was",),
    )
    await configuration.rollback(Rollback(revision=full.number))
    (back,) = (await upstreams.upstream(NameUpstream(name="second"))).credentials
    assert back.id == sealed.id


async def test_each_change_of_an_apply_has_its_entry_with_the_reason(whole: Whole) -> None:
    limit = "{name: calm, scope: key, measure: requests, amount: 9, period: minute}"
    text = f"version: 1\nprices: [{{model: gpt-x, input: 2}}]\nlimits: [{limit}]\n"
    with chief():
        await whole[Configuration].apply(Apply(text=text, reason="ticket 7"))
        await whole[Configuration].apply(Apply(text="version: 1\nprices: []\nlimits: []\n", reason="ticket 8"))
    told = [
        (entry.resource, entry.reason, msgspec.json.decode(entry.detail)["change"]) for entry in await entries(whole)
    ]
    price = "prices/gpt-x by any since 0"
    assert set(told) == {
        (price, "ticket 7", "create"),
        ("limits/calm", "ticket 7", "create"),
        (price, "ticket 8", "delete"),
        ("limits/calm", "ticket 8", "delete"),
    }
