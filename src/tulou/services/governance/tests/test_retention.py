"""Refusals are kept for a while; whatever else goes from the trail, or goes with them, is found."""

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import delete, func, insert, select, update

from tulou.contracts.governance.messages import AuditRecord, AuditVerdict, ListAudit, VerifyAudit
from tulou.kernel.errors import ConflictError, TulouError
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.exported import verified
from tulou.services.governance.retention import Retention
from tulou.services.governance.seal import SEAL, HeadSeal
from tulou.services.governance.service import GovernanceService
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.store.tables import AUDIT, CHECKPOINTS
from tulou.services.governance.tests.test_trail import entry, recorded, tampered, verdict
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse

DAY_S = 86_400.0
FOR_TEN_DAYS = GovernanceSettings(keep_denied_days=10.0)


def retention(house: SmallHouse, settings: GovernanceSettings = FOR_TEN_DAYS) -> Retention:
    return Retention(house.database, HeadSeal(house.secrets, house.database), clock=house.clock, settings=settings)


async def filled(governance: GovernanceService, house: SmallHouse) -> None:
    """Record 1 done, 2 to 4 denied, 5 done, 6 and 7 denied, 8 done; eleven days later 9 denied and 10 done."""
    outcomes = ["done", *["denied"] * 3, "failed", *["denied"] * 2, "done"]
    now = house.clock.now()
    entries = [replace(entry(number, outcome=outcome), at=now) for number, outcome in enumerate(outcomes, start=1)]
    await recorded(governance, *entries)
    house.clock.advance(11 * DAY_S)
    later = house.clock.now()
    await recorded(governance, replace(entry(9, outcome="denied"), at=later), replace(entry(10), at=later))


async def places(house: SmallHouse) -> list[int]:
    async with house.database.reading() as tx:
        rows = await tx.rows(select(AUDIT.c.sequence).order_by(AUDIT.c.sequence))
    return [row["sequence"] for row in rows]


async def exported(governance: GovernanceService) -> list[AuditRecord]:
    """Return what an export has, page by page."""
    found: list[AuditRecord] = []
    after: int | None = 0
    while after is not None:
        page = await governance.audit(ListAudit(limit=3, after=after, oldest_first=True, removed=True))
        found += page.items
        after = page.next
    lines = b"\n".join(msgspec.json.encode(record) for record in found)
    return [msgspec.json.decode(line, type=AuditRecord) for line in lines.splitlines()]


async def test_refusals_go_after_their_days_and_changes_stay(governance: GovernanceService, house: SmallHouse) -> None:
    await filled(governance, house)
    assert await retention(house).sweep() == 5
    assert await places(house) == [1, 5, 8, 9, 10, 11]
    found = await verdict(governance)
    assert (found.intact, found.records, found.removed, found.sealed) == (True, 6, 5, 11)
    told = (await governance.audit(ListAudit(limit=1))).items[0].entry
    assert (told.action, told.detail) == ("audit:sweep", '{"count":5,"removed":[[2,4],[6,7]]}')
    assert await retention(house).sweep() == 0
    assert await places(house) == [1, 5, 8, 9, 10, 11]


async def test_of_too_many_refusals_the_oldest_go_first(governance: GovernanceService, house: SmallHouse) -> None:
    await filled(governance, house)
    assert await retention(house, GovernanceSettings(keep_denied_days=90.0, max_denied=4)).sweep() == 2
    assert await places(house) == [1, 4, 5, 6, 7, 8, 9, 10, 11]
    assert await retention(house, GovernanceSettings(keep_denied_days=90.0, max_denied=2)).sweep() == 2
    assert await places(house) == [1, 5, 7, 8, 9, 10, 11, 12]
    assert (await verdict(governance)).removed == 4


async def test_refusals_that_go_one_after_another_leave_one_checkpoint(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await recorded(governance, *(replace(entry(number, outcome="denied"), at=house.clock.now()) for number in range(9)))
    await recorded(governance, entry(9))
    for most in (6, 3, 0):
        await retention(house, GovernanceSettings(max_denied=most)).sweep()
    async with house.database.reading() as tx:
        assert (await tx.rows(select(func.count().label("n")).select_from(CHECKPOINTS)))[0]["n"] == 1
    found = await verdict(governance)
    assert (found.intact, found.removed) == (True, 9)
    assert verified(await exported(governance)).intact


async def test_an_export_verifies_without_the_house(governance: GovernanceService, house: SmallHouse) -> None:
    await filled(governance, house)
    await retention(house).sweep()
    lines = await exported(governance)
    found = verified(lines)
    assert (found.intact, found.records, found.removed, found.head) == (True, 6, 5, (await verdict(governance)).head)
    part = verified(lines[2:])
    assert (part.intact, part.records) == (True, 5)


async def test_an_export_from_which_more_was_taken_does_not_verify(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await filled(governance, house)
    await retention(house).sweep()
    lines = await exported(governance)
    assert [line.sequence for line in lines] == [1, 4, 5, 7, 8, 9, 10, 11]
    assert verified([*lines[:2], *lines[3:]]).broken_at == 5
    hidden = replace(lines[1], sequence=8, hash=lines[4].hash, removed=7)  # as if all up to 8 had been refusals
    found = verified([lines[0], hidden, *lines[5:]])
    assert (found.intact, found.broken_at) == (False, 2)
    assert "no later record of the trail says so" in found.why
    moved = replace(lines[1], previous="0" * 64)
    assert not verified([lines[0], moved, *lines[2:]]).intact


async def test_a_list_shows_no_removals(governance: GovernanceService, house: SmallHouse) -> None:
    await filled(governance, house)
    await retention(house).sweep()
    for asked in (ListAudit(oldest_first=True), ListAudit(removed=True), ListAudit(oldest_first=True, tenant="north")):
        assert not any(record.removed for record in (await governance.audit(asked)).items)


async def test_another_record_that_goes_is_found(governance: GovernanceService, house: SmallHouse) -> None:
    await filled(governance, house)
    await retention(house).sweep()
    await tampered(house, delete(AUDIT).where(AUDIT.c.sequence == 9))
    found = await verdict(governance)
    assert (found.broken_at, found.why) == (9, "record 9 is missing")


@pytest.mark.parametrize("field", ["last", "previous", "hash", "proof", "first"])
async def test_a_checkpoint_that_was_changed_is_found(
    governance: GovernanceService, house: SmallHouse, field: str
) -> None:
    await filled(governance, house)
    await retention(house).sweep()
    change = {"first": 1, "last": 5}.get(field, "f" * 64)
    await tampered(house, update(CHECKPOINTS).where(CHECKPOINTS.c.first == 2).values({field: change}))
    assert not (await verdict(governance)).intact


async def test_a_checkpoint_that_was_taken_away_or_made_up_is_found(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await filled(governance, house)
    kept = (await governance.audit(ListAudit(limit=1, after=9))).items[0]
    await retention(house).sweep()
    forged = {"first": 8, "last": 8, "at": 1.0, "previous": kept.previous, "hash": kept.hash, "proof": "f" * 64}
    await tampered(house, insert(CHECKPOINTS).values(forged), delete(AUDIT).where(AUDIT.c.sequence == 8))
    found = await verdict(governance)
    assert (found.intact, found.broken_at) == (False, 8)
    assert "not removed by this house" in found.why
    async with house.database.transaction() as tx:
        await tx.execute(delete(CHECKPOINTS))
    assert (await verdict(governance)).broken_at == 2


async def test_a_trail_that_was_tampered_with_is_left_as_it_is(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await filled(governance, house)
    await tampered(house, update(AUDIT).where(AUDIT.c.sequence == 5).values(outcome="denied"))
    with pytest.raises(TulouError, match="record 5 is not what was recorded"):
        await retention(house).sweep()
    assert len(await places(house)) == 10
    assert (await verdict(governance)).broken_at == 5


async def test_a_forged_checkpoint_is_not_taken_into_a_new_one(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await filled(governance, house)
    kept = (await governance.audit(ListAudit(limit=1, after=2))).items[0]
    forged = {"first": 1, "last": 1, "at": 1.0, "previous": kept.previous, "hash": kept.hash, "proof": "f" * 64}
    await tampered(house, insert(CHECKPOINTS).values(forged), delete(AUDIT).where(AUDIT.c.sequence == 1))
    with pytest.raises(TulouError, match="not removed by this house"):
        await retention(house).sweep()
    assert len(await places(house)) == 9


async def test_nothing_goes_that_the_seal_does_not_vouch_for(governance: GovernanceService, house: SmallHouse) -> None:
    await recorded(governance, replace(entry(1, outcome="denied"), at=0.0))
    behind = await house.secrets.find(SEAL)
    await recorded(governance, replace(entry(2, outcome="denied"), at=0.0), entry(3))
    assert behind
    await house.secrets.put(SEAL, behind)
    assert await retention(house).sweep() == 0
    await recorded(governance, entry(4))
    assert await retention(house).sweep() == 2


async def test_the_database_lets_no_record_go_that_no_checkpoint_stands_for(
    governance: GovernanceService, house: SmallHouse
) -> None:
    await filled(governance, house)
    await retention(house).sweep()
    for sequence in (8, 9):
        with pytest.raises(ConflictError, match="append-only"):
            async with house.database.transaction() as tx:
                await tx.execute(delete(AUDIT).where(AUDIT.c.sequence == sequence))


async def test_a_walk_in_parts_meets_every_removal_once(governance: GovernanceService, house: SmallHouse) -> None:
    await filled(governance, house)
    await retention(house).sweep()
    whole = await verdict(governance)
    part, walked, removed = AuditVerdict(intact=True, records=0, head="", next=0), 0, 0
    while part.next is not None:
        part = await governance.verify(VerifyAudit(after=part.next, head=part.head, most=2))
        assert part.intact
        walked, removed = walked + part.records, removed + part.removed
    assert (walked, removed, part.head) == (whole.records, whole.removed, whole.head)


async def test_a_house_sweeps_when_it_starts(governance: GovernanceService, house: SmallHouse) -> None:
    await filled(governance, house)

    async def swept() -> bool:
        return await places(house) == [1, 5, 8, 9, 10, 11]

    async with COMPONENT.build(house.provided({GovernanceSettings: FOR_TEN_DAYS})):
        await eventually(swept)
