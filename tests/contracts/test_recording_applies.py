"""What is applied is in the trail once, whoever asks for it; so is what is undone of an apply that was cut off."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.contracts.whole import NAMES, Whole, opened
from tulou.assembly.catalogue import CATALOGUE
from tulou.chassis.recording import Recording
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply, ListRevisions, MakePlan
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import AuditEntry, ListAudit
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import Tenant
from tulou.contracts.serving.api import Serving
from tulou.kernel.context import Context, SessionActor, acting, as_house
from tulou.kernel.errors import NotFoundError, UnavailableError
from tulou.services.configuration import store
from tulou.services.configuration.store import LockState
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house

ANA = SessionActor(tenant="default", principal="ana", id="session_1")
DOCUMENT = (
    "version: 1\ntenants: [{name: default}, {name: acme}]\nroles: [{name: caller, permissions: ['models:use']}]\n"
)
PARTS = {name: CATALOGUE[name] for name in NAMES}
UNDONE = "what a cut-off apply left is undone"


@asynccontextmanager
async def recorded(house: SmallHouse) -> AsyncGenerator[Whole]:
    """Open all services in a house, as control does: their changes are recorded."""
    async with opened(house, PARTS, bind=Recording(house.clock).bind) as whole:
        yield whole


@asynccontextmanager
async def empty() -> AsyncGenerator[SmallHouse]:
    async with open_house(*(part.migrations for part in PARTS.values() if part.migrations)) as house:
        yield house


async def trail(whole: Whole) -> Sequence[AuditEntry]:
    return [record.entry for record in (await whole[Governance].audit(ListAudit())).items]


async def undone(whole: Whole) -> Sequence[AuditEntry]:
    return [entry for entry in await trail(whole) if json.loads(entry.detail).get("house") == UNDONE]


async def cut_off(whole: Whole) -> None:
    """Leave half of an apply behind, and the turn of the process that made it."""
    newest = (await whole[Configuration].revisions(ListRevisions(limit=1))).items[0].number
    with acting(Context(actor=ANA, house=True, audited=True)):
        await whole[Identity].put_tenant(Tenant(name="half-made"))
    async with whole.house.database.transaction() as tx:
        dead = LockState(holder="turn_dead", until=0.0, restore=newest)
        assert await store.begin_turn(tx, dead, before=await store.turn(tx))


async def test_an_apply_that_does_not_come_over_rest_is_recorded_once_for_each_step_in_the_name_of_who_asked() -> None:
    async with empty() as house, recorded(house) as whole:
        with as_house("a job applies", asked_by=ANA):
            await whole[Configuration].apply(Apply(text=DOCUMENT, reason="ticket 7"))
        entries = await trail(whole)
    assert sorted(entry.resource for entry in entries) == ["configuration/apply", "roles/caller", "tenants/acme"]
    assert {(entry.tenant, entry.principal, entry.key, entry.outcome) for entry in entries} == {
        ("default", "ana", "session_1", "done")
    }


LOST = f"{DOCUMENT}deployments: [{{name: lost, model: no-such-model}}]\n"


def steps_of(entries: Sequence[AuditEntry]) -> list[tuple[str, str, bool, str]]:
    """Return what became of each step, in the order in which they were made."""
    told = [(entry, json.loads(entry.detail)) for entry in reversed(entries)]
    return [
        (entry.resource, entry.outcome, detail["undone"], entry.reason) for entry, detail in told if "undone" in detail
    ]


@pytest.mark.parametrize("audited", [False, True])
async def test_each_step_of_an_apply_that_fails_is_recorded_as_one_that_was_undone(*, audited: bool) -> None:
    async with empty() as house, recorded(house) as whole:
        asked = Context(actor=ANA, house=True, audited=audited, request_id="req_1")
        with acting(asked), pytest.raises(NotFoundError, match="everything is as it was"):
            await whole[Configuration].apply(Apply(text=LOST, reason="ticket 8"))
        entries = await trail(whole)
    assert steps_of(entries) == [
        ("tenants/acme", "failed", True, "ticket 8"),
        ("roles/caller", "failed", True, "ticket 8"),
        ("deployments/lost", "failed", True, "ticket 8"),
    ]
    assert {(entry.principal, entry.request_id) for entry in entries} == {("ana", "req_1")}
    assert len(entries) == (3 if audited else 4), "the apply itself is recorded by who asked for it, once"


async def test_a_step_that_could_not_be_undone_is_recorded_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    async with empty() as house, recorded(house) as whole:

        async def away(*_: object) -> None:
            raise UnavailableError("not now")

        monkeypatch.setattr(whole[Identity], "delete_tenant", away)
        with as_house("a job applies", asked_by=ANA), pytest.raises(NotFoundError, match="could not be undone"):
            await whole[Configuration].apply(Apply(text=LOST, reason="ticket 9"))
        entries = await trail(whole)
    assert steps_of(entries) == [
        ("tenants/acme", "done", False, "ticket 9"),
        ("roles/caller", "failed", True, "ticket 9"),
        ("deployments/lost", "failed", True, "ticket 9"),
    ]


async def test_a_step_that_was_never_made_is_recorded_as_failed_also_where_nobody_could_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with empty() as house, recorded(house) as whole:

        async def away(*_: object, **__: object) -> None:
            raise UnavailableError("not now")

        monkeypatch.setattr(whole[Serving], "deploy", away)
        monkeypatch.setattr(whole[Serving], "delete", away)
        with as_house("a job applies", asked_by=ANA), pytest.raises(UnavailableError, match="could not be undone"):
            await whole[Configuration].apply(Apply(text=LOST, reason="ticket 10"))
        entries = await trail(whole)
    assert steps_of(entries)[-1] == ("deployments/lost", "failed", False, "ticket 10")


async def test_what_a_request_finds_cut_off_and_undoes_is_recorded_though_the_request_records_itself() -> None:
    async with empty() as house, recorded(house) as whole:
        await cut_off(whole)
        with acting(Context(actor=ANA, house=True, audited=True)):
            await whole[Configuration].plan(MakePlan(text=DOCUMENT))
        [entry] = await undone(whole)
    assert (entry.action, entry.resource, entry.outcome) == ("tenants:write", "tenants/half-made", "done")


async def test_what_is_undone_while_the_house_starts_is_recorded() -> None:
    async with empty() as house:
        async with recorded(house) as whole:
            await cut_off(whole)
        async with recorded(house) as again:

            async def is_told() -> bool:
                return bool(await undone(again))

            await eventually(is_told)
            [entry] = await undone(again)
    assert (entry.resource, entry.principal) == ("tenants/half-made", "")
