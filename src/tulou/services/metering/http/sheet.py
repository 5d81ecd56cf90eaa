"""A usage report as CSV, page by page, so that a long one takes no memory."""

import csv
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import MILLION, UsageQuery, UsageReport
from tulou.services.metering.domain.sums import UNITS

PRICING = ("unpriced", "unpriced_tokens", "priced_by_name")
FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""As OWASP lists them (CSV Injection), with the wide forms that spreadsheets in East Asia read as the narrow ones."""


async def lines(metering: Metering, query: UsageQuery, first: UsageReport) -> AsyncIterator[str]:
    """Yield the head and all rows of a report whose first page is here."""
    yield "".join(
        _written([("start", *query.group_by, "requests", "refused", "failed", *UNITS, "cost", "currency", *PRICING)])
    )
    report = first
    while True:
        yield "".join(_written(_cells(report)))
        if report.next is None:
            return
        report = await metering.usage(replace(query, after=report.next))


def money(millionths: int) -> str:
    """Return an amount in whole money, exactly."""
    sign = "-" if millionths < 0 else ""
    whole, part = divmod(abs(millionths), MILLION)
    return f"{sign}{whole}.{part:06d}"


def _cells(report: UsageReport) -> Iterator[Sequence[object]]:
    for row in report.rows:
        start = datetime.fromtimestamp(row.start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        group = [_harmless(value) for value in row.group]
        pricing = [getattr(row, name) for name in PRICING]
        units = [getattr(row.units, unit) for unit in UNITS]
        yield (start, *group, row.requests, row.refused, row.failed, *units, money(row.cost), report.currency, *pricing)


def _harmless(text: str) -> str:
    """Keep spreadsheets from taking a name that somebody chose for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _written(rows: Iterator[Sequence[object]] | Sequence[Sequence[object]]) -> Iterator[str]:
    sheet = StringIO(newline="")
    csv.writer(sheet).writerows(rows)
    yield sheet.getvalue()
