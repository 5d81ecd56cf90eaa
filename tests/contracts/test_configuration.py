"""What the configuration promises, however it is reached: one document, whole or not at all, in revisions."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
import yaml

from tests.contracts.bindings import Binding, bound
from tests.contracts.whole import NAMES, Whole, open_whole, opened
from tulou.assembly.catalogue import CATALOGUE
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import (
    Apply,
    Compare,
    Export,
    ListRevisions,
    MakePlan,
    Note,
    Revision,
    Rollback,
)
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import ListPolicies, Role
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import CreateKey, ListTenants, NamePrincipal, PutPrincipal, Tenant
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit, ListLimits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import Entry, IngestEntries, Units
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import ListRoutes
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import ListDeployments
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import AddCredential, ListUpstreams, NameUpstream, UpstreamSpec
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tulou.services.configuration import history, service, store
from tulou.services.configuration.component import COMPONENT
from tulou.services.configuration.domain.document import SECTIONS
from tulou.services.configuration.kinds import rules
from tulou.services.configuration.store import LockState
from tulou.testing.eventually import eventually

FULL = """
version: 1
tenants:
  - {name: acme, title: Acme}
projects:
  - {name: web, tenant: acme}
roles:
  - {name: caller, permissions: ["models:use"]}
policies:
  - name: no-large
    text: |
      forbid (principal, action == Action::"models:use", resource == Model::"large");
principals:
  - name: ann
    tenant: acme
    email: Ann@Example.org
    roles: [{role: caller, project: web}, {role: viewer}]
upstreams:
  - name: here
    provider: ollama
    credentials: [{name: default, reference: "env://KEY"}]
deployments:
  - name: small
    upstreams: [{upstream: here, model: tiny}]
routes:
  - {model: fast, shares: [{deployment: small}], fallbacks: [steady]}
  - {model: steady, shares: [{deployment: small, weight: 2}]}
prices:
  - {model: small, input: 1.5, output: 3}
  - {model: "gpt-*", provider: openai, since: 1767225600, input: 2}
limits:
  - {name: calm, scope: key, measure: requests, amount: 60, period: minute}
"""
EMPTY = "version: 1\n" + "".join(f"{name}: []\n" for name in yaml.safe_load(FULL) if name != "version")


@dataclass(frozen=True)
class Stage:
    """The document over a binding, and all whose resources stand in it."""

    configuration: Configuration
    whole: Whole

    async def newest(self) -> Revision:
        return (await self.configuration.revisions(ListRevisions(limit=1))).items[0]

    async def started(self) -> None:
        async def first() -> bool:
            return bool((await self.configuration.revisions(ListRevisions())).items)

        await eventually(first)

    async def names(self) -> dict[str, list[str]]:
        """What the services themselves say that there is."""
        return {
            "tenants": [one.name for one in (await self.whole[Identity].tenants(ListTenants())).items],
            "policies": [one.name for one in (await self.whole[Governance].policies(ListPolicies())).items],
            "upstreams": [one.spec.name for one in (await self.whole[Upstreams].upstreams(ListUpstreams())).items],
            "deployments": [one.spec.name for one in (await self.whole[Serving].deployments(ListDeployments())).items],
            "routes": [one.model for one in (await self.whole[Routing].routes(ListRoutes())).items],
            "limits": [one.name for one in (await self.whole[Limits].limits(ListLimits())).items],
        }


@pytest.fixture
async def stage() -> AsyncGenerator[Stage]:
    async with open_whole() as whole:
        made = Stage(whole[Configuration], whole)
        await made.started()
        yield made


@pytest.fixture
async def far(stage: Stage, binding: Binding) -> AsyncGenerator[Stage]:
    """The same, reached over each binding in turn."""
    async with bound(COMPONENT, stage.whole.services["configuration"], binding) as reached:
        yield Stage(reached, stage.whole)


@contextmanager
def caller(principal: str, *, tenant: str = "default", house: bool = True) -> Generator[None]:
    token = CONTEXT.set(Context(actor=KeyActor(tenant=tenant, principal=principal), house=house, roles=("operator",)))
    try:
        yield
    finally:
        CONTEXT.reset(token)


async def test_a_document_is_planned_applied_and_then_says_the_same_again(far: Stage) -> None:
    plan = await far.configuration.plan(MakePlan(text=FULL))
    assert [(one.kind, one.resource) for one in plan.changes[:3]] == [
        ("create", "tenants"),
        ("create", "projects"),
        ("create", "roles"),
    ]
    assert [one.name for one in plan.changes if one.resource == "routes"] == ["steady", "fast"]
    applied = (await far.configuration.apply(Apply(text=FULL, reason="the\0 first\n", base=plan.base))).revision
    assert (applied.number, applied.source, applied.reason) == (2, "apply", "the first")
    names = await far.names()
    assert names == {
        "tenants": ["acme", "default"],
        "policies": ["no-large"],
        "upstreams": ["here"],
        "deployments": ["small"],
        "routes": ["fast", "small", "steady"],
        "limits": ["calm"],
    }
    assert (await far.configuration.plan(MakePlan(text=FULL))).changes == ()
    text = (await far.configuration.export(Export())).text
    assert (await far.configuration.plan(MakePlan(text=text))).changes == ()
    assert (await far.configuration.apply(Apply(text=text))).revision.number == 2, "nothing differed"
    assert "env://KEY" in text


async def test_what_is_left_out_is_removed_unless_it_is_asked_to_stay(stage: Stage) -> None:
    await stage.configuration.apply(Apply(text=FULL))
    document = yaml.safe_load(FULL)
    document["limits"] = []
    del document["policies"]  # not declared, so left alone
    text = yaml.safe_dump(document)
    assert (await stage.configuration.plan(MakePlan(text=text, prune=False))).changes == ()
    await stage.configuration.apply(Apply(text=text))
    names = await stage.names()
    assert (names["limits"], names["policies"]) == ([], ["no-large"])
    await stage.configuration.apply(Apply(text=EMPTY))

    async def gone() -> bool:
        return await stage.names() == {
            "tenants": ["default"],
            "policies": [],
            "upstreams": [],
            "deployments": [],
            "routes": [],
            "limits": [],
        }

    await eventually(gone)


async def test_a_rollback_is_a_new_revision_that_equals_an_old_one(far: Stage) -> None:
    await far.configuration.apply(Apply(text=FULL))
    before = (await far.configuration.export(Export())).text
    with caller("ops"):
        await far.configuration.apply(Apply(text=FULL.replace("amount: 60", "amount: 5"), reason="tighter"))
        back = (await far.configuration.rollback(Rollback(revision=2, reason="too tight"))).revision
    assert (back.number, back.source, back.author) == (4, "rollback", "ops")
    assert back.reason == "back to revision 2: too tight"
    assert (await far.configuration.export(Export())).text == before
    assert (await far.configuration.export(Export(revision=4))).text == before
    compared = await far.configuration.compare(Compare(base=2, to=3))
    assert [(one.kind, one.resource, one.name, one.fields) for one in compared.changes] == [
        ("update", "limits", "calm", ("amount",))
    ]
    assert '"amount":60.0' in compared.changes[0].before
    assert (await far.configuration.compare(Compare(base=2))).changes == ()
    page = await far.configuration.revisions(ListRevisions(limit=2))
    assert ([one.number for one in page.items], page.next) == ([4, 3], 3)
    assert page.items[1].changes[0].fields == ("amount",)
    for number in (9, 0, -1, 2**40):
        with pytest.raises(NotFoundError, match=f"no revision {number}"):
            await far.configuration.rollback(Rollback(revision=number))


async def test_what_fails_in_the_middle_leaves_everything_as_it_was(stage: Stage) -> None:
    await stage.configuration.apply(Apply(text=FULL))
    before = (await stage.configuration.export(Export())).text
    document = yaml.safe_load(FULL)
    document["tenants"] += [{"name": "other"}]
    document["roles"] = [{"name": "caller", "permissions": ["models:use", "keys:read"]}]
    document["deployments"] += [{"name": "lost", "model": "no-such-model"}]
    document["limits"] = []
    with pytest.raises(NotFoundError) as failed:
        await stage.configuration.apply(Apply(text=yaml.safe_dump(document)))
    assert str(failed.value).startswith("create deployments 'lost' failed: no model named 'no-such-model'")
    assert str(failed.value).endswith("everything is as it was")
    assert failed.value.param == "deployments.lost.model"
    assert (await stage.configuration.export(Export())).text == before
    assert (await stage.newest()).number == 2


async def test_what_cannot_be_undone_is_named(stage: Stage) -> None:
    await stage.configuration.apply(Apply(text=FULL))
    key = CreateKey(name="k", principal="ann", tenant="acme", project="web")
    await stage.whole[Identity].create_key(key)
    document = yaml.safe_load(FULL)
    document["projects"] = []  # it has a valid key, and so stays
    document["upstreams"] = []
    document["deployments"] = []
    document["routes"] = []
    with pytest.raises(ConflictError, match=r"delete projects 'acme/web' failed: project 'web' has valid keys"):
        await stage.configuration.apply(Apply(text=yaml.safe_dump(document)))
    assert (await stage.configuration.plan(MakePlan(text=FULL))).changes == ()


async def test_an_apply_for_an_older_revision_is_refused(stage: Stage) -> None:
    plan = await stage.configuration.plan(MakePlan(text=FULL))
    await stage.whole[Identity].put_tenant(Tenant(name="between"))
    with pytest.raises(ConflictError, match="planned for revision 1, the house is at 2; plan again"):
        await stage.configuration.apply(Apply(text=FULL, base=plan.base))
    found = await stage.newest()
    assert (found.source, [one.name for one in found.changes]) == ("console", ["between"])


async def test_one_apply_at_a_time(stage: Stage) -> None:
    others = [FULL.replace("amount: 60", f"amount: {number}") for number in range(1, 5)]
    await asyncio.gather(*(stage.configuration.apply(Apply(text=text)) for text in others))
    page = await stage.configuration.revisions(ListRevisions())
    assert [one.number for one in page.items] == [5, 4, 3, 2, 1]
    for number in range(2, 6):
        text = (await stage.configuration.export(Export(revision=number))).text
        assert (await stage.configuration.compare(Compare(base=number, to=number))).changes == ()
        assert len(yaml.safe_load(text)["limits"]) == 1


async def test_a_change_that_was_made_otherwise_becomes_a_revision_with_its_author(stage: Stage) -> None:
    for number in range(5):
        await stage.whole[Limits].put_limit(
            Limit(name=f"l{number}", scope="key", measure="requests", amount=1, period="second")
        )
        await stage.configuration.note(Note(author="bea", reason="limits:write", noun="limits"))

    async def noted() -> bool:
        newest = await stage.newest()
        text = (await stage.configuration.export(Export(revision=newest.number))).text
        return newest.author == "bea" and len(yaml.safe_load(text)["limits"]) == 5

    await eventually(noted)


async def test_more_limits_than_a_document_holds_are_no_part_of_it_and_stay_as_they_are(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (await stage.newest()).number
    monkeypatch.setattr(rules, "LIMITS_CAP", 2)
    for number in range(3):
        made = Limit(name=f"l{number}", scope="key", measure="requests", amount=1, period="second")
        await stage.whole[Limits].put_limit(made)

    assert "limits" not in yaml.safe_load((await stage.configuration.export(Export())).text)
    with pytest.raises(InvalidError, match="the house has too many limits for a document; leave them out of it"):
        await stage.configuration.apply(Apply(text=FULL))
    some = "version: 1\ntenants: [{name: acme}, {name: default}]\n"
    plan = await stage.configuration.plan(MakePlan(text=some))
    assert plan.warnings == ("there are too many limits for a document; they stay as they are",)
    await stage.configuration.apply(Apply(text=some))
    await stage.configuration.rollback(Rollback(revision=first))

    assert len((await stage.whole[Limits].limits(ListLimits())).items) == 3
    assert [one.name for one in (await stage.newest()).changes] == ["acme"]


async def test_whoever_does_not_reach_over_the_house_sees_nothing_of_it(stage: Stage) -> None:
    with caller("ann", tenant="acme", house=False):
        for ask in (
            stage.configuration.export(Export()),
            stage.configuration.plan(MakePlan(text=FULL)),
            stage.configuration.apply(Apply(text=FULL)),
            stage.configuration.rollback(Rollback(revision=1)),
            stage.configuration.revisions(ListRevisions()),
            stage.configuration.compare(Compare(base=1)),
        ):
            with pytest.raises(ForbiddenError, match="the document is the whole house's"):
                await ask
        await stage.configuration.note(Note(author="ann", reason="keys:write"))


async def test_nobody_removes_themselves(stage: Stage) -> None:
    identity = stage.whole[Identity]
    await identity.put_principal(PutPrincipal(tenant="default", name="ops", kind="user"))
    with caller("ops"), pytest.raises(ConflictError, match="leaves out 'default/ops', who applies it"):
        await stage.configuration.apply(Apply(text=EMPTY))
    assert await identity.principal(NamePrincipal(tenant="default", name="ops"))


async def test_sealed_credentials_are_neither_shown_nor_touched(stage: Stage) -> None:
    upstreams = stage.whole[Upstreams]
    await upstreams.put_upstream(UpstreamSpec(name="here", provider="openai"))
    await upstreams.add_credential(AddCredential(upstream="here", name="sealed", secret="sk-very-secret-0123"))
    text = (await stage.configuration.export(Export())).text
    assert "sealed" not in text
    assert "sk-very" not in text
    changed = FULL.replace("provider: ollama", "provider: openai")
    await stage.configuration.apply(Apply(text=changed))
    kept = (await upstreams.upstream(NameUpstream(name="here"))).credentials
    assert [(one.name, one.reference) for one in kept] == [("sealed", ""), ("default", "env://KEY")]
    warned = (await stage.configuration.plan(MakePlan(text=EMPTY))).warnings
    assert any("1 sealed credentials go with it" in words for words in warned)
    assert any("'acme/ann'" in words for words in warned)


async def test_a_password_stays_when_its_owner_is_changed(stage: Stage) -> None:
    await stage.configuration.apply(Apply(text=FULL))
    identity = stage.whole[Identity]
    await identity.put_principal(
        PutPrincipal(tenant="acme", name="ann", email="ann@example.org", password="correct horse battery")
    )
    await stage.configuration.apply(Apply(text=FULL))
    found = await identity.principal(NamePrincipal(tenant="acme", name="ann"))
    assert (found.has_password, [binding.role for binding in found.roles]) == (True, ["viewer", "caller"])


async def test_errors_keep_their_class_words_and_field(far: Stage) -> None:
    with pytest.raises(InvalidError) as refused:
        await far.configuration.plan(MakePlan(text="version: 1\nlimits: [{nam: x}]"))
    assert str(refused.value) == "limits[0].nam: no such field; did you mean 'name'?"
    assert refused.value.param == "limits[0].nam"


async def test_an_apply_whose_process_died_is_undone_by_the_next(stage: Stage) -> None:
    """The turn of a process that is gone says to which revision the house returns; half of an apply is there."""
    await stage.configuration.apply(Apply(text=FULL))
    database = stage.whole.house.database
    async with database.transaction() as tx:
        before = await store.turn(tx)
        dead = LockState(holder="turn_dead", until=SystemClock().now() + 0.3, restore=2)
        assert await store.begin_turn(tx, dead, before=before)
    await stage.whole[Identity].put_tenant(Tenant(name="half-made"))
    await stage.whole[Governance].put_role(Role(name="half-made", permissions=("keys:read",)))
    applied = (await stage.configuration.apply(Apply(text=FULL, reason="after the crash"))).revision
    assert "half-made" not in (await stage.names())["tenants"]
    page = await stage.configuration.revisions(ListRevisions())
    assert applied.number == page.items[0].number
    assert (await stage.configuration.plan(MakePlan(text=FULL))).changes == ()


async def test_an_apply_whose_process_died_is_undone_at_the_next_start() -> None:
    async with open_whole() as whole:
        first = Stage(whole[Configuration], whole)
        await first.started()
        await first.configuration.apply(Apply(text=FULL))
        async with whole.house.database.transaction() as tx:
            dead = LockState(holder="turn_dead", until=SystemClock().now() + 0.3, restore=2)
            assert await store.begin_turn(tx, dead, before=await store.turn(tx))
        await whole[Identity].put_tenant(Tenant(name="half-made"))
        parts = {name: CATALOGUE[name] for name in NAMES}
        async with opened(whole.house, parts) as again:
            second = Stage(again[Configuration], again)

            async def undone() -> bool:
                return "half-made" not in (await second.names())["tenants"]

            await eventually(undone)


async def ledger(whole: Whole, *models: str, tokens: int = 10) -> None:
    """Let the ledger say that ann called these models in the last minute."""
    now = SystemClock().now()
    entries = tuple(
        Entry(
            id=f"e{place}",
            at=now - 60 + place * 0.1,
            request_id=f"req_{place}",
            tenant="acme",
            project="web",
            principal="ann",
            key="key_1",
            endpoint="chat",
            model=model,
            status=200,
            units=Units(input=tokens, output=tokens),
        )
        for place, model in enumerate(models)
    )
    await whole[Metering].ingest(IngestEntries.of("g", entries))


async def test_a_plan_tells_which_requests_would_have_been_decided_differently(stage: Stage) -> None:
    await stage.configuration.apply(Apply(text=FULL))
    await ledger(stage.whole, *["small"] * 6, *["steady"] * 4)
    same = await stage.configuration.plan(MakePlan(text=FULL.replace("title: Acme", "title: ACME")))
    assert (len(same.changes), same.different) == (1, 0)
    tighter = await stage.configuration.plan(MakePlan(text=FULL.replace("amount: 60", "amount: 3")))
    assert (tighter.replayed, tighter.different) == (10, 7)
    assert tighter.examples[0].was == "let through"
    assert tighter.examples[0].would_be == "refused by limit 'calm'"
    assert tighter.examples[0].request_id.startswith("req_")
    forbidden = await stage.configuration.plan(MakePlan(text=FULL.replace('Model::"large"', 'Model::"steady"')))
    assert (forbidden.replayed, forbidden.different) == (10, 4)
    assert forbidden.examples[0].would_be == "denied by policy no-large"
    without = yaml.safe_load(FULL)
    without["routes"] = []
    gone = await stage.configuration.plan(MakePlan(text=yaml.safe_dump(without)))
    assert (gone.different, gone.examples[0].why) == (4, "model 'steady' is not there")
    unbound = await stage.configuration.plan(MakePlan(text=FULL.replace("role: caller, project: web", "role: viewer")))
    assert (unbound.different, unbound.examples[0].would_be) == (10, "denied")
    suspended = await stage.configuration.plan(MakePlan(text=FULL.replace("title: Acme", "suspended: unpaid")))
    assert (suspended.different, suspended.examples[0].would_be) == (10, "tenant 'acme' is suspended")
    assert (await stage.configuration.plan(MakePlan(text=EMPTY, replay_s=0))).replayed == 0


async def test_the_example_is_taken_whole(stage: Stage) -> None:
    text = (Path(__file__).parents[2] / "examples" / "house.yaml").read_text("utf-8")
    await stage.configuration.apply(Apply(text=text))
    assert (await stage.configuration.plan(MakePlan(text=text))).changes == ()
    document = yaml.safe_load(text)
    assert set(document) == {"version", *SECTIONS}, "it shows every list that there is"


async def test_a_plan_foresees_what_an_apply_would_be_refused_for(stage: Stage) -> None:
    await stage.configuration.apply(Apply(text=FULL))
    assert (await stage.configuration.plan(MakePlan(text=FULL.replace("title: Acme", "title: ACME")))).warnings == ()
    wrong = (
        ("deployment: small}], fallbacks", "deployment: smal}], fallbacks", "none of the deployments named 'smal'"),
        ("fallbacks: [steady]", "fallbacks: [stead]", "none of the models named 'stead'"),
        ("role: viewer", "role: vewer", "none of the roles named 'vewer'"),
        ("project: web}", "project: wob}", "none of the projects named 'acme/wob'"),
        ("upstream: here", "upstream: there", "none of the upstreams named 'there'"),
        ("forbid (principal", "forbid ((principal", "the policy no-large, line 1"),
    )
    for right, slip, why in wrong:
        text = FULL.replace(right, slip)
        assert text != FULL
        assert [why in warning for warning in (await stage.configuration.plan(MakePlan(text=text))).warnings] == [True]
        with pytest.raises((InvalidError, NotFoundError)):
            await stage.configuration.apply(Apply(text=text))


REFUSED = {
    "tenants 'a b': name 'a b' is not": "tenants: [{name: a b}]",
    "projects 'default/a b': name 'a b' is not": "projects: [{name: a b}]",
    "principals 'default/p': 'x' is no e-mail address": "principals: [{name: p, email: x}]",
    "roles 'r': permissions are 1 to": "roles: [{name: r, permissions: []}]",
    "roles 'viewer'": "roles: [{name: viewer, permissions: ['models:use']}]",
    "upstreams 'a': base_url must be": "upstreams: [{name: a, provider: openai, base_url: 'http://h/v 1'}]",
    "upstreams 'a': no provider 'opnai'": "upstreams: [{name: a, provider: opnai}]",
    "upstreams 'a': reference must be": (
        "upstreams: [{name: a, provider: openai, credentials: [{name: k, reference: sk-x}]}]"
    ),
    "deployments 'd': upstreams[0].model is missing": (
        "upstreams: [{name: a, provider: openai}]\n"
        "deployments: [{name: d, engine: remote, upstreams: [{upstream: a, model: ''}]}]"
    ),
    "routes 'm': weights must be 0 or more": (
        "upstreams: [{name: a, provider: openai}]\n"
        "deployments: [{name: d, engine: remote, upstreams: [{upstream: a, model: x}]}]\n"
        "routes: [{model: m, shares: [{deployment: d, weight: 0}]}]"
    ),
    "limits 'l': amount is 0.5": "limits: [{name: l, scope: house, measure: requests, amount: 0.5, period: minute}]",
    "prices 'p': input is -1": "prices: [{model: p, input: -1}]",
}


@pytest.mark.parametrize("words", REFUSED)
async def test_what_an_apply_would_be_refused_for_stands_in_the_plan(far: Stage, words: str) -> None:
    text = f"version: 1\n{REFUSED[words]}"
    configuration = far.configuration
    plan = await configuration.plan(MakePlan(text=text, prune=False))
    assert any(words in warning for warning in plan.warnings), plan.warnings
    with pytest.raises((InvalidError, NotFoundError, ConflictError)):
        await configuration.apply(Apply(text=text, prune=False))


async def test_a_plan_says_that_there_would_be_more_accounts_than_a_house_takes(stage: Stage) -> None:
    accounts = "".join(f"  - {{name: a{number}, provider: openai}}\n" for number in range(201))
    plan = await stage.configuration.plan(MakePlan(text=f"version: 1\nupstreams:\n{accounts}", prune=True))
    assert "upstreams: there would be 201 upstreams, of 200 ([upstreams] max_upstreams)" in plan.warnings


async def test_a_plan_tells_what_nothing_prices_and_what_is_priced_by_a_name_alone(stage: Stage) -> None:
    plan = await stage.configuration.plan(MakePlan(text=FULL))
    (named,) = [warning for warning in plan.warnings if "prices set" in warning]
    assert "`tulou prices set tiny --provider ollama --input 1.5 --output 3`" in named
    without = FULL.replace("{model: small, input: 1.5, output: 3}", "{model: other, input: 1}")
    (unpriced,) = [one for one in (await stage.configuration.plan(MakePlan(text=without))).warnings if "prices" in one]
    assert unpriced.startswith("nothing prices 'tiny' of ollama")
    house = without.replace("provider: ollama", "provider: tulou")
    (far,) = [one for one in (await stage.configuration.plan(MakePlan(text=house))).warnings if "prices" in one]
    assert far.startswith("nothing prices 'tiny' of tulou"), "another house is a vendor like others"
    right = FULL.replace("{model: small, input", "{model: tiny, input")
    assert not [one for one in (await stage.configuration.plan(MakePlan(text=right))).warnings if "prices" in one]


async def test_a_plan_tells_of_what_loses_what_it_needs(stage: Stage) -> None:
    await stage.configuration.apply(Apply(text=FULL))
    plan = await stage.configuration.plan(MakePlan(text="version: 1\ndeployments: []\n"))
    assert sorted(plan.warnings) == [
        "routes 'fast': there would be none of the deployments named 'small'",
        "routes 'steady': there would be none of the deployments named 'small'",
    ]


async def test_documents_are_read_compared_and_written_beside_the_loop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()

    def noting(work: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object, **named: object) -> object:
            threads.add(threading.get_ident())
            return work(*args, **named)

        return noted

    for module, name in product((service, history), ("read_document", "difference", "written")):
        monkeypatch.setattr(module, name, noting(getattr(module, name)))
    await stage.configuration.plan(MakePlan(text=FULL))
    await stage.configuration.export(Export())
    assert threads
    assert threading.get_ident() not in threads
