"""`tulou usage ...`."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode

from cyclopts import App, Parameter

from tulou.cli import quarantine
from tulou.cli.house import HouseClient, failure, house
from tulou.cli.options import DEFAULTS, UNEXPLAINED, Changing, Options
from tulou.cli.output import say, show
from tulou.cli.spans import span
from tulou.contracts.metering.messages import MILLION, Bucket, Dimension
from tulou.rules.metering.findings import command

Pairs = list[tuple[str, str]]
Last = Annotated[str, Parameter(help="How far back: 30m, 24h, 7d, 4w.")]
Since = Annotated[str, Parameter(help="From a date or time on, in UTC: 2026-01-31. [default: as --last says]")]
Until = Annotated[str, Parameter(help="Up to a date or time. [default: now]")]
By = Annotated[tuple[Dimension, ...], Parameter(help="What to sum by; several are fine.", consume_multiple=True)]
Where = Annotated[tuple[str, ...], Parameter(help="Only what has a value, such as tenant=red or model=demo.")]
FORMATS: dict[Bucket, str] = {"minute": "%Y-%m-%d %H:%M", "hour": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}

usage = App(name="usage", help="What was used, and what it cost.")


def register(app: App) -> None:
    """Add the commands."""
    quarantine.add(usage)
    app.command(usage)


@usage.default
def report(  # noqa: PLR0913 - a report has many sides
    *,
    by: By = (),
    bucket: Annotated[Bucket, Parameter(help="Sums of each minute, hour, day, month, or of all.")] = "all",
    last: Last = "7d",
    since: Since = "",
    until: Until = "",
    where: Where = (),
    csv: Annotated[bool, Parameter(negative="", help="Print CSV.")] = False,
    options: Options = DEFAULTS,
) -> None:
    """Show sums; costs are in the house's currency, times in UTC."""
    start, end = span(last, since, until)
    pairs = [("start", str(start)), ("end", str(end)), ("bucket", bucket), *(("group_by", name) for name in by)]
    pairs += [(name, value) for name, _, value in (text.partition("=") for text in where)]
    with house(options) as here:
        if csv:
            _print_csv(here, pairs)
            return
        reports = list(_pages(here, pairs))
        warnings = [] if options.json else list(_warnings(here, pairs))
    found = [row for one in reports for row in one["rows"]]
    currency = reports[0]["currency"]
    rows = [_cells(row, by, bucket) for row in found]
    heads = ["FROM"] if bucket != "all" else []
    columns = [*heads, *(name.upper() for name in by), "REQUESTS", "REFUSED", "FAILED", "INPUT", "OUTPUT", "COST"]
    show(found, as_json=options.json, rows=rows, columns=columns)
    if options.json:
        return
    say(f"costs in {currency}")
    for warning in warnings:
        say(f"! {warning}")


@usage.command
def recompute(
    *,
    since: Annotated[str, Parameter(help="From a date or time on, in UTC.")],
    until: Until = "",
    model: Annotated[str, Parameter(help="Only what was asked of, or answered by, this model.")] = "",
    options: Changing = UNEXPLAINED,
) -> None:
    """Price what was used anew, with the prices of now; the job that does it can be followed with `tulou jobs`."""
    start, end = span("", since, until)
    with house(options) as here:
        made = here.post("/api/v1/usage/recompute", {"start": start, "end": end, "model": model})
    show(made, as_json=options.json, rows=[{"JOB": made["job"]}], columns=["JOB"])


def money(millionths: int) -> str:
    """Return an amount with two places, or as many as it takes to be seen."""
    amount = Decimal(millionths) / MILLION
    return f"{amount:.2f}" if not amount or amount >= 1 else f"{amount:.6f}".rstrip("0").rstrip(".")


def _warnings(here: HouseClient, pairs: Pairs) -> Iterator[str]:
    """Yield what of a span nothing prices, or a name alone, by the models that answered."""
    kept = [pair for pair in pairs if pair[0] not in ("group_by", "bucket")]
    grouped = [("bucket", "all"), ("group_by", "upstream_model"), ("group_by", "provider")]
    for report in _pages(here, [*kept, *grouped]):
        for row in report["rows"]:
            model, provider = row["group"]
            if row["unpriced"]:
                tokens = f"{row['unpriced']:,} answers of {row['unpriced_tokens']:,} tokens"
                yield f"nothing prices {tokens} by {model!r} of {provider}: `{command(model, provider)} ...`"
            if row["priced_by_name"]:
                answers = f"{row['priced_by_name']:,} answers by {model!r} of {provider}"
                yield f"{answers} are priced by a name alone: `{command(model, provider)} ...`, see `tulou doctor`"


def _pages(here: HouseClient, pairs: Pairs) -> Iterator[Any]:
    after = ""
    while True:
        page = here.get(f"/api/v1/usage?{urlencode([*pairs, ('after', after)])}")
        yield page
        if page["next"] is None:
            return
        after = page["next"]


def _print_csv(here: HouseClient, pairs: Pairs) -> None:
    with here.http.stream("GET", f"/api/v1/usage/csv?{urlencode(pairs)}") as reply:
        if reply.is_error:
            raise failure(reply.status_code, reply.read())
        for text in reply.iter_text():
            sys.stdout.write(text)


def _cells(row: Any, by: tuple[Dimension, ...], bucket: Bucket) -> dict[str, object]:
    start = datetime.fromtimestamp(row["start"], UTC)
    return {
        "FROM": start.strftime(FORMATS.get(bucket, "%Y-%m-%d")),
        **{name.upper(): value or "-" for name, value in zip(by, row["group"], strict=True)},
        "REQUESTS": row["requests"],
        "REFUSED": row["refused"],
        "FAILED": row["failed"],
        "INPUT": row["units"]["input"],
        "OUTPUT": row["units"]["output"],
        "COST": money(row["cost"]),
    }
