"""Sums for people, pages of entries for auditors."""

from collections.abc import Sequence

from tulou.chassis.paging import check_limit, page_of, read_mark, unknown_mark, write_mark
from tulou.contracts.metering.messages import (
    EntryPage,
    ListEntries,
    UsageQuery,
    UsageReport,
    UsageRow,
)
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError
from tulou.ports.database import Database
from tulou.services.metering.domain.spans import check_span, pieces
from tulou.services.metering.domain.sums import DAY, DIMENSIONS
from tulou.services.metering.reach import within_reach
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.store import entries as entry_store
from tulou.services.metering.store import reports

ROWS_CAP = 5_000
PAGE_CAP = 1_000
MOST = 2**63 - 1
"""What databases can compare with."""


class Reporting:
    """Answers from roll-ups; raw entries are read only for pages of entries."""

    def __init__(self, database: Database, *, clock: Clock, settings: MeteringSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def usage(self, request: UsageQuery) -> UsageReport:
        """Return sums by bucket and group."""
        check_span(request.start, request.end)
        _check_groups(request)
        check_limit(request.limit, most=ROWS_CAP)
        kept = self._settings.keep_hours_days * DAY
        cut = pieces(request.start, request.end, request.bucket, now=self._clock.now(), hours_kept_s=kept)
        filters = within_reach(request.filters)
        async with self._database.reading() as tx:
            found = await reports.rows(tx, cut, request, filters=filters, after=_place(request))
        page = page_of(found, request.limit, lambda row: write_mark(_place_of(row, request)))
        return UsageReport(rows=page.items, next=page.next, currency=self._settings.currency)

    async def entries(self, request: ListEntries) -> EntryPage:
        """Return entries, the newest first."""
        if request.start is not None and request.end is not None:
            check_span(request.start, request.end)
        check_limit(request.limit, most=PAGE_CAP)
        filters = within_reach(request.filters)
        after = read_mark(request.after, tuple[float, str]) if request.after else None
        conditions = entry_store.conditions(start=request.start, end=request.end, filters=filters)
        async with self._database.reading() as tx:
            found = await entry_store.page(tx, *conditions, after=after, limit=request.limit + 1)
        page = page_of(found, request.limit, lambda entry: write_mark((entry.at, entry.id)))
        return EntryPage(items=page.items, next=page.next)


def _check_groups(request: UsageQuery) -> None:
    wanted = request.group_by
    if len(set(wanted)) != len(wanted) or not set(wanted) <= set(DIMENSIONS):
        raise InvalidError(f"group_by names some of {', '.join(DIMENSIONS)}, each once", param="group_by")


def _place_of(row: UsageRow, request: UsageQuery) -> Sequence[int | str]:
    """Return how much a row has of what the report is ordered by, its bucket and its group."""
    most = () if request.order == "time" else (reports.amount(row, request.order),)
    return (*most, int(row.start), *row.group)


def _place(request: UsageQuery) -> tuple[int | str, ...]:
    """Return the place of the last row seen."""
    if not request.after:
        return ()
    place = read_mark(request.after, tuple[int | str, ...])
    numbers = 1 if request.order == "time" else 2
    counts, group = place[:numbers], place[numbers:]
    sound = all(isinstance(count, int) and abs(count) <= MOST for count in counts) and len(counts) == numbers
    if not sound or len(group) != len(request.group_by) or not all(isinstance(value, str) for value in group):
        raise unknown_mark("this report")
    return place
