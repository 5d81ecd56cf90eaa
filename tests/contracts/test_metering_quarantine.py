"""What is promised of entries that no ledger can hold, however it is reached."""

from dataclasses import replace

import pytest
from msgspec import Raw

from tests.contracts.test_metering import entry, metering
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import (
    CorrectEntry,
    DiscardEntry,
    Entry,
    IngestEntries,
    ListQuarantine,
    Requeue,
    Requeued,
    Units,
    Unread,
    UsageQuery,
)
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ForbiddenError, InvalidError, NotFoundError

__all__ = ["entry", "metering"]


async def test_what_was_set_aside_can_be_taken_again_corrected_and_discarded(metering: Metering, entry: Entry) -> None:
    absurd = replace(entry, units=Units(input=-1))
    shipped = (*IngestEntries.of("g", (absurd,)).entries, Raw(b'{"id":"d"}'))
    unread = (Unread(body="{", reason="no"),)
    told = await metering.ingest(IngestEntries(gateway="g", entries=shipped, unread=unread))
    assert (told.new, told.quarantined) == (0, 3)
    page = await metering.quarantine(ListQuarantine(limit=2))
    assert (page.waiting, len(page.items)) == (3, 2)
    rest = await metering.quarantine(ListQuarantine(limit=2, after=page.next or ""))
    assert rest.next is None
    found = {one.body: one for one in (*page.items, *rest.items)}
    assert (found["{"].reason, found["{"].gateway) == ("no", "g")
    assert "missing required field" in found['{"id":"d"}'].reason
    assert await metering.requeue(Requeue()) == Requeued(left=3)
    (digest,) = [one.digest for one in found.values() if "its units" in one.reason]
    with pytest.raises(InvalidError) as refused:
        await metering.correct(CorrectEntry(digest=digest, entry=absurd))
    assert refused.value.param == "entry"
    assert await metering.correct(CorrectEntry(digest=digest, entry=entry, reason="mended")) == Requeued(new=1)
    with pytest.raises(NotFoundError):
        await metering.correct(CorrectEntry(digest=digest, entry=replace(entry, id="other")))
    with pytest.raises(InvalidError):
        await metering.discard(DiscardEntry(digest=found["{"].digest, reason=""))
    await metering.discard(DiscardEntry(digest=found["{"].digest[:12], reason="torn"))
    with pytest.raises(NotFoundError):
        await metering.requeue(Requeue(digest=found["{"].digest))
    settled = (await metering.quarantine(ListQuarantine(settled=True))).items
    assert {(one.body, one.settled.why, one.settled.entry) for one in settled if one.settled} == {
        (bytes(shipped[0]).decode(), "mended", entry),
        ("{", "torn", None),
    }
    assert (await metering.quarantine(ListQuarantine())).waiting == 1
    report = await metering.usage(UsageQuery(start=entry.at, end=entry.at + 1))
    assert [(row.requests, row.cost) for row in report.rows] == [(1, entry.cost)]


async def test_what_was_set_aside_is_of_all_tenants_and_so_for_the_house_alone(
    metering: Metering, entry: Entry
) -> None:
    token = CONTEXT.set(Context(actor=KeyActor(tenant="red", principal="ada")))
    try:
        for ask in (
            metering.quarantine(ListQuarantine()),
            metering.requeue(Requeue()),
            metering.correct(CorrectEntry(digest="x", entry=entry)),
            metering.discard(DiscardEntry(digest="x", reason="mine")),
        ):
            with pytest.raises(ForbiddenError):
                await ask
    finally:
        CONTEXT.reset(token)


@pytest.mark.parametrize("digest", ["x", "\0", "%", "%' OR 1=1", "x" * 5_000, "0" * 8])
async def test_what_does_not_wait_is_not_found(metering: Metering, entry: Entry, digest: str) -> None:
    with pytest.raises(NotFoundError, match="tulou usage quarantine"):
        await metering.requeue(Requeue(digest=digest))
    with pytest.raises(NotFoundError):
        await metering.correct(CorrectEntry(digest=digest, entry=entry))
    with pytest.raises(InvalidError):
        await metering.quarantine(ListQuarantine(limit=0))
    with pytest.raises(InvalidError, match="after"):
        await metering.quarantine(ListQuarantine(after="nonsense"))
