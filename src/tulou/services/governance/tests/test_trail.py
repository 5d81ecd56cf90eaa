"""The audit trail: what it keeps, what it notices."""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import msgspec
import pytest
from sqlalchemy import Executable, delete, text, update

from tulou.contracts.governance.messages import (
    AuditEntry,
    AuditVerdict,
    ListAudit,
    RecordAudit,
    VerifyAudit,
)
from tulou.contracts.metering.messages import Entry
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ConflictError, InvalidError
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.seal import SEAL
from tulou.services.governance.service import GovernanceService
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.store.tables import AUDIT, HEADS
from tulou.testing.house import SmallHouse


def entry(number: int, tenant: str = "north", outcome: str = "done", **more: str) -> AuditEntry:
    whole = {"id": f"audit_{number}", "at": 1000.5 + number, "tenant": tenant, "principal": "ana", "outcome": outcome}
    return AuditEntry(**{"action": "keys:write", "resource": "keys", **whole, **more})  # pyright: ignore[reportArgumentType] - a test's shorthand


async def recorded(governance: GovernanceService, *entries: AuditEntry) -> None:
    await governance.record(RecordAudit(entries=entries))


async def verdict(governance: GovernanceService) -> AuditVerdict:
    return await governance.verify(VerifyAudit())


async def tampered(house: SmallHouse, *statements: Executable) -> None:
    """Do what only somebody can do who owns the database: take the guard away, then change what it guards."""
    async with house.database.transaction() as tx:
        for verb in ("update", "delete"):
            await tx.execute(text(f"DROP TRIGGER governance_audit_no_{verb}"))
        for statement in statements:
            await tx.execute(statement)


async def ids(governance: GovernanceService, request: ListAudit) -> Sequence[str]:
    return [record.entry.id for record in (await governance.audit(request)).items]


async def test_an_entry_is_kept_once_however_often_it_is_told(governance: GovernanceService) -> None:
    await recorded(governance, entry(1), entry(2), entry(1))
    await recorded(governance, entry(2), entry(3))
    assert await ids(governance, ListAudit()) == ["audit_3", "audit_2", "audit_1"]
    found = await verdict(governance)
    assert (found.intact, found.records, found.sealed, found.next) == (True, 3, 3, None)


async def test_an_empty_trail_is_intact(governance: GovernanceService) -> None:
    assert await verdict(governance) == AuditVerdict(intact=True, records=0, head="0" * 64)


async def test_the_chain_can_be_computed_by_anybody(governance: GovernanceService) -> None:
    await recorded(governance, entry(1, reason="größer"), entry(2, detail='{"a":1}'))
    previous = "0" * 64
    for record in (await governance.audit(ListAudit(oldest_first=True))).items:
        plain = {"entry": msgspec.to_builtins(record.entry), "previous": previous, "sequence": record.sequence}
        canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert record.hash == sha256(canonical.encode()).hexdigest()
        previous = record.hash


async def test_pages_and_filters(governance: GovernanceService) -> None:
    await recorded(governance, *(entry(number) for number in range(1, 6)), entry(6, tenant="south"))
    await recorded(governance, entry(7, outcome="denied", principal="bo", action="roles:write"))
    first = await governance.audit(ListAudit(limit=3))
    assert ([record.sequence for record in first.items], first.next) == ([7, 6, 5], 5)
    rest = await governance.audit(ListAudit(limit=4, after=5))
    assert ([record.sequence for record in rest.items], rest.next) == ([4, 3, 2, 1], None)
    up = await governance.audit(ListAudit(limit=2, after=2, oldest_first=True))
    assert ([record.sequence for record in up.items], up.next) == ([3, 4], 4)
    assert await ids(governance, ListAudit(tenant="south")) == ["audit_6"]
    assert await ids(governance, ListAudit(principal="bo", action="roles:write", outcome="denied")) == ["audit_7"]
    assert await ids(governance, ListAudit(since=1003.5, until=1005.5)) == ["audit_4", "audit_3"]
    with pytest.raises(InvalidError):
        await governance.audit(ListAudit(limit=501))


async def test_a_caller_sees_its_own_tenants_part_unless_it_may_act_over_the_house(
    governance: GovernanceService,
) -> None:
    await recorded(governance, entry(1), entry(2, tenant="south"))
    for context, seen in (
        (Context(actor=KeyActor(tenant="north", principal="bo"), tenant_wide=True), ["audit_1"]),
        (Context(actor=KeyActor(tenant="north", principal="ana"), house=True), ["audit_2", "audit_1"]),
    ):
        token = CONTEXT.set(context)
        assert await ids(governance, ListAudit()) == seen
        assert await ids(governance, ListAudit(tenant="south")) == (["audit_2"] if context.house else ["audit_1"])
        CONTEXT.reset(token)


async def test_the_database_itself_refuses_to_change_or_remove_a_record(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await recorded(governance, entry(1))
    for statement in (update(AUDIT).values(reason="other"), delete(AUDIT)):
        with pytest.raises(ConflictError, match="append-only"):
            async with house.database.transaction() as tx:
                await tx.execute(statement)
    assert (await verdict(governance)).intact


async def test_a_changed_record_is_found(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, *(entry(number) for number in range(1, 6)))
    await tampered(house, update(AUDIT).where(AUDIT.c.sequence == 3).values(principal="somebody-else"))
    found = await verdict(governance)
    assert (found.intact, found.broken_at, found.records) == (False, 3, 2)
    assert "content was changed" in found.why


@pytest.mark.parametrize("column", ["at", "tenant", "action", "resource", "outcome", "code", "reason", "detail", "id"])
async def test_every_part_of_a_record_is_under_its_hash(
    governance: GovernanceService, house: SmallHouse, column: str
) -> None:
    await recorded(governance, entry(1), entry(2))
    await tampered(house, update(AUDIT).where(AUDIT.c.sequence == 1).values({column: 7 if column == "at" else "7"}))
    assert (await verdict(governance)).broken_at == 1


async def test_a_removed_record_is_found(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, *(entry(number) for number in range(1, 6)))
    await tampered(house, delete(AUDIT).where(AUDIT.c.sequence == 2))
    found = await verdict(governance)
    assert (found.broken_at, found.why) == (2, "record 2 is missing")


async def test_records_that_changed_places_are_found(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, *(entry(number) for number in range(1, 6)))
    moves = ((2, 99), (3, 2), (99, 3))
    await tampered(house, *(update(AUDIT).where(AUDIT.c.sequence == old).values(sequence=new) for old, new in moves))
    assert (await verdict(governance)).broken_at == 2


async def test_an_end_that_was_cut_off_is_found_even_when_the_head_was_moved_back(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await recorded(governance, *(entry(number) for number in range(1, 6)))
    kept = (await governance.audit(ListAudit(limit=1, after=4))).items[0]
    await tampered(
        house,
        delete(AUDIT).where(AUDIT.c.sequence > 3),
        update(HEADS).values(sequence=kept.sequence, hash=kept.hash),
    )
    found = await verdict(governance)
    assert (found.intact, found.broken_at, found.sealed) == (False, 4, 5)
    assert "its end was cut off" in found.why


async def test_what_is_recorded_after_a_cut_does_not_hide_it(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, *(entry(number) for number in range(1, 4)))
    kept = (await governance.audit(ListAudit(limit=1, after=3))).items[0]
    await tampered(
        house,
        delete(AUDIT).where(AUDIT.c.sequence > 2),
        update(HEADS).values(sequence=kept.sequence, hash=kept.hash),
    )
    await recorded(governance, entry(7), entry(8), entry(9))
    found = await verdict(governance)
    assert (found.intact, found.broken_at, found.sealed) == (False, 3, 3)
    assert "written anew" in found.why


async def test_a_trail_that_was_written_anew_is_found(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, entry(1), entry(2))
    await tampered(house, delete(AUDIT), update(HEADS).values(sequence=0, hash="0" * 64))
    await recorded(governance, entry(11), entry(12), entry(13))
    found = await verdict(governance)
    assert (found.intact, found.broken_at) == (False, 2)


async def test_a_seal_that_this_house_did_not_write_is_found(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, entry(1))
    kept = await house.secrets.find(SEAL)
    assert kept
    await house.secrets.put(SEAL, kept.replace(b'"sequence":1', b'"sequence":0'))
    found = await verdict(governance)
    assert (found.intact, found.sealed) == (False, None)
    assert "not written by this house" in found.why
    await house.secrets.put(SEAL, b"no seal")
    assert not (await verdict(governance)).intact


async def test_a_long_trail_is_verified_in_parts(governance: GovernanceService, house: SmallHouse) -> None:
    for start in range(0, 2500, 500):
        await recorded(governance, *(entry(number) for number in range(start, start + 500)))
    whole = await verdict(governance)
    assert (whole.intact, whole.records) == (True, 2500)
    part, walked = AuditVerdict(intact=True, records=0, head="", next=0), 0
    while part.next is not None:
        part = await governance.verify(VerifyAudit(after=part.next, head=part.head, most=1200))
        walked += part.records
        assert part.intact
    assert (walked, part.head) == (2500, whole.head)
    with pytest.raises(InvalidError, match="after needs head"):
        await governance.verify(VerifyAudit(after=3))
    await tampered(house, update(AUDIT).where(AUDIT.c.sequence == 2000).values(code="x"))
    assert (await verdict(governance)).broken_at == 2000


async def test_whatever_an_entry_looks_like_it_is_kept(governance: GovernanceService) -> None:
    odd = entry(1, principal="p" * 500, resource="r\0" * 600, reason="\ud800half", detail="d" * 20_000, code="c" * 300)
    await recorded(governance, odd)
    kept = (await governance.audit(ListAudit())).items[0].entry
    assert (len(kept.principal), len(kept.resource), len(kept.detail), kept.reason) == (128, 512, 8192, "?half")
    assert (await verdict(governance)).intact
    with pytest.raises(InvalidError, match="at most 1000"):
        await recorded(governance, *(entry(number) for number in range(1001)))


def refusal(number: int) -> Entry:
    return Entry(
        id=f"e{number}",
        at=5.0,
        request_id="req_1",
        tenant="north",
        project="web",
        principal="ana",
        key="key_1",
        endpoint="chat",
        model="m",
        status=403,
        code="policy_denied",
        refused_by="policy",
    )


async def test_refused_requests_are_kept_once_each(governance: GovernanceService) -> None:
    await governance.record_refused([refusal(1), replace(refusal(2), model="n")])
    await governance.record_refused([replace(refusal(2), model="n")])
    first, second = (await governance.audit(ListAudit())).items
    assert (second.entry.action, second.entry.resource, second.entry.outcome) == ("models:use", "model/m", "denied")
    assert (first.entry.id, first.entry.code, first.entry.key) == ("refused_e2", "policy_denied", "key_1")
    assert json.loads(first.entry.detail) == {"endpoint": "chat", "status": 403, "refused_by": "policy"}


async def test_what_somebody_is_refused_again_and_again_is_kept_as_the_first_and_a_number(
    governance: GovernanceService,
) -> None:
    counted = (("count", "4"), ("first", "5"), ("last", "6"))
    await governance.record_refused([refusal(1), refusal(2), replace(refusal(3), tags=counted)])
    await governance.record_refused([replace(refusal(4), principal="bo")])
    await governance.sum_up()
    assert await ids(governance, ListAudit()) == ["refused_e4", "refused_e1"]
    await governance.sum_up(ending=True)
    last = (await governance.audit(ListAudit(limit=1))).items[0].entry
    assert (last.tenant, last.principal, last.key, last.resource) == ("north", "ana", "key_1", "model/m")
    assert (last.outcome, last.code, json.loads(last.detail)["count"]) == ("denied", "policy_denied", 5)
    assert (await verdict(governance)).intact


async def test_requests_of_nobody_say_whence_they_came_and_how_many_they_were(governance: GovernanceService) -> None:
    tags = (("address", "10.0.0.1"), ("count", "77"), ("first", "5"), ("last", "6"), ("app", "x"))
    stranger = replace(refusal(1), tenant="", principal="", key="", code="invalid_api_key", tags=tags)
    await governance.record_refused([stranger])
    detail = json.loads((await governance.audit(ListAudit())).items[0].entry.detail)
    assert {name: detail.get(name) for name in ("address", "count", "app")} == {
        "address": "10.0.0.1",
        "count": "77",
        "app": None,
    }


async def test_changes_can_be_read_without_what_was_only_refused(governance: GovernanceService) -> None:
    await recorded(governance, replace(entry(1), action="keys:write"))
    await governance.record_refused([refusal(2)])
    assert await ids(governance, ListAudit(changes=True)) == ["audit_1"]


async def test_a_house_may_leave_refused_requests_out(house: SmallHouse) -> None:
    async with COMPONENT.build(house.provided({GovernanceSettings: GovernanceSettings(refusals=False)})) as governance:
        await governance.record_refused([refusal(1)])
        assert (await governance.audit(ListAudit())).items == ()


async def test_a_seal_that_is_behind_is_no_fault(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, entry(1))
    behind = await house.secrets.find(SEAL)
    await recorded(governance, entry(2))
    assert behind
    await house.secrets.put(SEAL, behind)  # as after a crash between the commit and the seal
    found = await verdict(governance)
    assert (found.intact, found.sealed) == (True, 1)
    await recorded(governance, entry(3))
    assert (await verdict(governance)).sealed == 3
