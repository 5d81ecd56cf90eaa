"""OpenAI's usage and costs endpoints, as its administration clients and dashboards ask for them.

A project is a project, a user a principal, an API key a key. Buckets begin at whole minutes, hours and days in UTC, and
those in which nothing was used are there too. `limit` counts buckets; `next_page` leads to the following ones.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from tulou.chassis.paging import read_mark, write_mark
from tulou.chassis.rest.declared import permits
from tulou.contracts.endpoints import endpoints_where
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import MILLION, Dimension, UsageQuery, UsageRow
from tulou.kernel.errors import InvalidError
from tulou.services.metering.domain.spans import FAR, SIZES, Even, ceil, floor

Width = Literal["1m", "1h", "1d"]
Names = Annotated[list[str] | None, Query()]
Moment = Annotated[int, Query(ge=0, lt=int(FAR))]

WIDTHS: Mapping[str, Even] = {"1m": "minute", "1h": "hour", "1d": "day"}
LIMITS: Mapping[str, tuple[int, int]] = {"1m": (60, 1440), "1h": (24, 168), "1d": (7, 31)}
COST_LIMITS = (7, 180)
PAGE = "page_"
ROWS = 5_000
ROWS_CAP = 100_000
"""Results in one answer; more are asked for in smaller pages."""

GROUPS: Mapping[str, Dimension] = {
    "project_id": "project",
    "user_id": "principal",
    "api_key_id": "key",
    "model": "model",
    "batch": "batch",
}
COST_GROUPS: Mapping[str, Dimension] = {
    "project_id": "project",
    "user_id": "principal",
    "api_key_id": "key",
    "line_item": "model",
}

Filters = tuple[tuple[Dimension, str], ...]
Counts = Callable[[UsageRow], dict[str, int]]


@dataclass(frozen=True, slots=True)
class UsageKind:
    """One of the usage endpoints: which of ours it sums, what it counts, and what else its results name."""

    name: str
    endpoints: tuple[str, ...]
    counts: Counts
    groups: tuple[str, ...] = ("project_id", "user_id", "api_key_id", "model")
    absent: tuple[str, ...] = ()


def _tokens(row: UsageRow) -> dict[str, int]:
    units = row.units
    return {
        "input_tokens": units.input,
        "output_tokens": units.output,
        "input_cached_tokens": units.cached,
        "input_audio_tokens": units.audio_input,
        "output_audio_tokens": units.audio_output,
    }


KINDS = (
    UsageKind(
        "completions",
        endpoints_where(lambda facts: facts.writes),
        _tokens,
        groups=("project_id", "user_id", "api_key_id", "model", "batch"),
        absent=("service_tier",),
    ),
    UsageKind("embeddings", ("embeddings",), lambda row: {"input_tokens": row.units.input}),
    UsageKind("moderations", ("moderations",), lambda row: {"input_tokens": row.units.input}),
    UsageKind("images", ("images",), lambda row: {"images": row.units.images}, absent=("source", "size")),
    UsageKind("audio_speeches", ("speech",), lambda row: {"characters": row.units.characters}),
    UsageKind("audio_transcriptions", ("transcriptions",), lambda row: {"seconds": row.units.seconds}),
)


@dataclass(frozen=True, slots=True)
class UsageParameters:
    """What all of these endpoints are asked alike."""

    start_time: int
    end_time: int | None
    filters: Filters
    group_by: tuple[str, ...]
    limit: int | None
    page: str


def asked_of(  # noqa: PLR0913, PLR0917 - OpenAI's parameters; its clients write lists with brackets
    start_time: Moment,
    end_time: Annotated[int | None, Query(ge=0, lt=int(FAR))] = None,
    project_ids: Names = None,
    user_ids: Names = None,
    api_key_ids: Names = None,
    models: Names = None,
    project_ids_: Annotated[list[str] | None, Query(alias="project_ids[]")] = None,
    user_ids_: Annotated[list[str] | None, Query(alias="user_ids[]")] = None,
    api_key_ids_: Annotated[list[str] | None, Query(alias="api_key_ids[]")] = None,
    models_: Annotated[list[str] | None, Query(alias="models[]")] = None,
    group_by: Names = None,
    group_by_: Annotated[list[str] | None, Query(alias="group_by[]")] = None,
    limit: int | None = None,
    page: str = "",
) -> UsageParameters:
    """Gather the parameters, with and without brackets."""
    named: tuple[tuple[Dimension, list[str]], ...] = (
        ("project", [*(project_ids or ()), *(project_ids_ or ())]),
        ("principal", [*(user_ids or ()), *(user_ids_ or ())]),
        ("key", [*(api_key_ids or ()), *(api_key_ids_ or ())]),
        ("model", [*(models or ()), *(models_ or ())]),
    )
    return UsageParameters(
        start_time=start_time,
        end_time=end_time,
        filters=tuple((dimension, value) for dimension, values in named for value in values),
        group_by=tuple(dict.fromkeys([*(group_by or ()), *(group_by_ or ())])),
        limit=limit,
        page=page,
    )


def organization(metering: Metering) -> APIRouter:
    """Return the routes `/v1/organization/usage/...` and `/v1/organization/costs`."""
    routes = APIRouter(prefix="/v1/organization", tags=["organization"])
    for kind in KINDS:
        routes.add_api_route(
            f"/usage/{kind.name}",
            _usage_of(metering, kind),
            name=f"organization_usage_{kind.name}",
            openapi_extra=permits("usage:read", "organization", f"usage/{kind.name}", place="organization"),
        )
    routes.add_api_route(
        "/costs",
        _costs_of(metering),
        name="organization_costs",
        openapi_extra=permits("usage:read", "organization", "costs", place="organization"),
    )
    return routes


def _usage_of(metering: Metering, kind: UsageKind) -> Callable[..., Any]:
    async def usage(
        asked: Annotated[UsageParameters, Depends(asked_of)], bucket_width: Width = "1d", *, batch: bool | None = None
    ) -> dict[str, Any]:
        filters: Filters = (*asked.filters, *(("endpoint", endpoint) for endpoint in kind.endpoints))
        if batch is not None:
            filters = (*filters, ("batch", "true" if batch else ""))
        groups: Mapping[str, Dimension] = {name: GROUPS[name] for name in kind.groups}

        def result(row: UsageRow, named: Mapping[str, str]) -> dict[str, Any]:
            told: dict[str, Any] = {name: named.get(name) for name in (*kind.groups, *kind.absent)}
            if "batch" in named:
                told["batch"] = named["batch"] == "true"
            counts = {**kind.counts(row), "num_model_requests": row.requests - row.refused}
            return {"object": f"organization.usage.{kind.name}.result", **counts, **told}

        span = _span(asked, WIDTHS[bucket_width], LIMITS[bucket_width])
        return await _page(metering, span, filters, _grouped(asked.group_by, groups), result)

    return usage


def _costs_of(metering: Metering) -> Callable[..., Any]:
    async def costs(
        asked: Annotated[UsageParameters, Depends(asked_of)], bucket_width: Literal["1d"] = "1d"
    ) -> dict[str, Any]:
        def result(row: UsageRow, named: Mapping[str, str]) -> dict[str, Any]:
            amount = {"value": row.cost / MILLION, "currency": currency}
            return {
                "object": "organization.costs.result",
                "amount": amount,
                **{name: named.get(name) for name in COST_GROUPS},
            }

        currency = await _currency(metering)
        span = _span(asked, WIDTHS[bucket_width], COST_LIMITS)
        return await _page(metering, span, asked.filters, _grouped(asked.group_by, COST_GROUPS), result)

    return costs


@dataclass(frozen=True, slots=True)
class BucketSpan:
    """The buckets of one page: they begin at `start`, there are whole ones up to `end`, more come before `last`."""

    bucket: Even
    start: int
    end: int
    last: int


def _span(asked: UsageParameters, bucket: Even, limits: tuple[int, int]) -> BucketSpan:
    default, most = limits
    limit = default if asked.limit is None else asked.limit
    if not 1 <= limit <= most:
        raise InvalidError(f"limit is {limit}; it may be 1 to {most} for buckets of this width", param="limit")
    grain = SIZES[bucket]
    end_time = int(time.time()) if asked.end_time is None else asked.end_time
    start, last = floor(_begin(asked), grain), ceil(end_time, grain)
    if start >= last:
        raise InvalidError("end_time is not after start_time; both count Unix seconds", param="end_time")
    return BucketSpan(bucket=bucket, start=start, end=min(last, start + limit * grain), last=last)


def _begin(asked: UsageParameters) -> int:
    if not asked.page:
        return asked.start_time
    begin = read_mark(asked.page.removeprefix(PAGE), int)
    if not asked.start_time <= begin < FAR:
        raise InvalidError("page is of another query; take the `next_page` of the page before", param="page")
    return begin


def _grouped(wanted: Sequence[str], known: Mapping[str, Dimension]) -> dict[str, Dimension]:
    for name in wanted:
        if name not in known:
            raise InvalidError(f"group_by {name!r} is not offered here; there are {', '.join(known)}", param="group_by")
    return {name: known[name] for name in wanted}


async def _page(
    metering: Metering,
    span: BucketSpan,
    filters: Filters,
    groups: Mapping[str, Dimension],
    result: Callable[[UsageRow, Mapping[str, str]], dict[str, Any]],
) -> dict[str, Any]:
    grain = SIZES[span.bucket]
    results: dict[int, list[dict[str, Any]]] = {start: [] for start in range(span.start, span.end, grain)}
    for row in await _rows(metering, span, filters, tuple(groups.values())):
        named = dict(zip(groups, row.group, strict=True))
        results[int(row.start)].append(result(row, named))
    data = [
        {"object": "bucket", "start_time": start, "end_time": start + grain, "results": found}
        for start, found in results.items()
    ]
    more = span.end < span.last
    return {
        "object": "page",
        "data": data,
        "has_more": more,
        "next_page": PAGE + write_mark(span.end) if more else None,
    }


async def _rows(
    metering: Metering, span: BucketSpan, filters: Filters, group_by: tuple[Dimension, ...]
) -> list[UsageRow]:
    rows: list[UsageRow] = []
    after = ""
    while len(rows) < ROWS_CAP:
        report = await metering.usage(
            UsageQuery(
                start=span.start,
                end=span.end,
                bucket=span.bucket,
                group_by=group_by,
                filters=filters,
                limit=ROWS,
                after=after,
            )
        )
        rows += report.rows
        if report.next is None:
            return rows
        after = report.next
    raise InvalidError(f"the page has more than {ROWS_CAP} results; ask for fewer buckets or groups", param="limit")


async def _currency(metering: Metering) -> str:
    """Return the house's currency as OpenAI writes it."""
    return (await metering.usage(UsageQuery(start=0, end=1, limit=1))).currency.lower()
