"""Usage, ledger and prices under `/api/v1`."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from starlette.requests import Request

from tulou.chassis.rest.bodies import DOCUMENT_BYTES, takes
from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.notes import note_made
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import (
    Bucket,
    Dimension,
    EntryPage,
    ListEntries,
    ListPrices,
    NamePrice,
    Order,
    Price,
    PriceList,
    PricesPut,
    PutPrices,
    Recompute,
    Recomputing,
    UsageQuery,
    UsageReport,
)
from tulou.kernel.message import Done
from tulou.services.metering.http.sheet import lines

Values = Annotated[list[str], Query()]
Moment = Annotated[float, Query(description="Unix seconds", allow_inf_nan=False)]
MaybeMoment = Annotated[float | None, Query(description="Unix seconds", allow_inf_nan=False)]
Filters = tuple[tuple[Dimension, str], ...]

CSV_PAGE = 1_000
NONE: list[str] = []


def filters_of(  # noqa: PLR0913, PLR0917 - one for each dimension
    tenant: Values = NONE,
    project: Values = NONE,
    principal: Values = NONE,
    key: Values = NONE,
    model: Values = NONE,
    served_by: Values = NONE,
    provider: Values = NONE,
    endpoint: Values = NONE,
    batch: Values = NONE,
    upstream_model: Values = NONE,
) -> Filters:
    """Return the filters of a query; a name that is given several times means any of its values."""
    given: tuple[tuple[Dimension, list[str]], ...] = (
        ("tenant", tenant),
        ("project", project),
        ("principal", principal),
        ("key", key),
        ("model", model),
        ("served_by", served_by),
        ("provider", provider),
        ("endpoint", endpoint),
        ("batch", batch),
        ("upstream_model", upstream_model),
    )
    return tuple((dimension, value) for dimension, values in given for value in values)


def span_of(
    filters: Annotated[Filters, Depends(filters_of)],
    start: Moment,
    end: Moment,
    bucket: Bucket = "day",
    group_by: Annotated[list[Dimension] | None, Query()] = None,
    order: Order = "time",
) -> UsageQuery:
    """Return the report that a query asks for."""
    return UsageQuery(start=start, end=end, bucket=bucket, group_by=tuple(group_by or ()), filters=filters, order=order)


def add_reports(routes: APIRouter, metering: Metering) -> None:
    """Add what was used, as sums and as it is."""

    @routes.get("/usage", openapi_extra=permits("usage:read", "usage"))
    async def get_usage(
        query: Annotated[UsageQuery, Depends(span_of)],
        limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
        after: str = "",
    ) -> UsageReport:
        """Return what was used and what it cost, for each bucket of time and each group."""
        return await metering.usage(replace(query, limit=limit, after=after))

    @routes.get(
        "/usage/csv",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {}}}},
        openapi_extra=permits("usage:read", "usage", "csv"),
    )
    async def get_usage_csv(query: Annotated[UsageQuery, Depends(span_of)]) -> StreamingResponse:
        """Return the whole report as CSV; costs in whole money."""
        paged = replace(query, limit=CSV_PAGE)
        first = await metering.usage(paged)  # before the answer begins, so that what is wrong can still be said
        head = {"content-disposition": 'attachment; filename="usage.csv"'}
        return StreamingResponse(lines(metering, paged, first), media_type="text/csv", headers=head)

    @routes.post("/usage/recompute", status_code=202, openapi_extra=permits("usage:write", "usage", "recompute"))
    async def recompute_usage(request: Request, body: Recompute) -> Recomputing:
        """Price the entries of a span anew, in a job."""
        started = await metering.recompute(body)
        note_made(request, started.job)
        return started

    @routes.get("/ledger", openapi_extra=permits("ledger:read", "ledger", tenant="query"))
    async def list_entries(
        filters: Annotated[Filters, Depends(filters_of)],
        start: MaybeMoment = None,
        end: MaybeMoment = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        after: str = "",
    ) -> EntryPage:
        """Return raw entries, the newest first."""
        request = ListEntries(limit=limit, after=after, start=start, end=end, filters=filters)
        return await metering.entries(request)

    _ = (get_usage, get_usage_csv, recompute_usage, list_entries)


def add_prices(routes: APIRouter, metering: Metering) -> None:
    """Add the price book."""

    @routes.get("/prices", openapi_extra=permits("prices:read", "price"))
    async def list_prices(at: MaybeMoment = None) -> PriceList:
        """Return the price book; with a time, what holds then."""
        return await metering.prices(ListPrices(at=at))

    @routes.put("/prices", openapi_extra=permits("prices:write", "price"))
    async def put_price(body: Price) -> Price:
        """Add or replace a price."""
        return await metering.put_price(body)

    @routes.post(
        "/prices/import", openapi_extra={**permits("prices:write", "price", "import"), **takes(DOCUMENT_BYTES)}
    )
    async def import_prices(body: PutPrices) -> PricesPut:
        """Add or replace many prices at once."""
        return await metering.put_prices(body)

    @routes.delete("/prices", openapi_extra=permits("prices:write", "price"))
    async def delete_price(model: str, provider: str = "", since: Moment = 0.0) -> Done:
        """Remove a price; entries that have it keep it until they are recomputed."""
        return await metering.delete_price(NamePrice(model=model, provider=provider, since=since))

    _ = (list_prices, put_price, import_prices, delete_price)
