"""Reports by amount on PostgreSQL, whose sums are of another type than what is summed."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import get_args

from tests.integration.control.conftest import open_on
from tulou.contracts.metering.messages import IngestEntries, Order, UsageQuery, UsageRow
from tulou.services.metering.store.reports import amount
from tulou.services.metering.tests.ledgers import Ledger, entry_at
from tulou.testing.servers.postgres import PostgresServer


async def test_those_with_the_most_come_first_page_by_page_on_postgresql(postgres: PostgresServer) -> None:
    async with open_on(postgres, "tulou.services.metering.migrations") as house:
        ledger = Ledger(house.database, house.outbox, house.clock)
        random = Random(1)  # noqa: S311 - a test's dice
        now = house.clock.now()
        entries = [entry_at(number, now - random.random() * 200_000, random) for number in range(100)]
        await ledger.intake.ingest(IngestEntries.of("g", entries))
        for order in get_args(Order):
            query = UsageQuery(start=now - 300_000, end=now + 1, group_by=("key", "model"), order=order)
            (whole,) = await pages(ledger, query)
            seen = [row for page in await pages(ledger, replace(query, limit=3)) for row in page]
            assert seen == list(whole)
            amounts = [amount(row, order) for row in seen]
            assert order == "time" or amounts == sorted(amounts, reverse=True)
            assert sum(row.cost for row in seen) == sum(entry.cost for entry in entries)


async def pages(ledger: Ledger, query: UsageQuery) -> Sequence[Sequence[UsageRow]]:
    """Return the rows of all pages."""
    found: list[Sequence[UsageRow]] = []
    while query.after or not found:
        report = await ledger.reporting.usage(query)
        found.append(report.rows)
        query = replace(query, after=report.next or "")
    return found
