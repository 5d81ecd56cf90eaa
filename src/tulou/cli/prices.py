"""`tulou prices ...`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import say, show
from tulou.cli.price_files import read_prices
from tulou.cli.removal import of_price
from tulou.cli.spans import moment
from tulou.contracts.metering.messages import Price, Tier
from tulou.kernel.errors import InvalidError
from tulou.rules.metering.currency import converted

COLUMNS = ["MODEL", "PROVIDER", "SINCE", "INPUT", "OUTPUT", "CACHED", "REQUEST", "BATCH", "VERSION"]
BODY_BYTES = 1_000_000
"""So that all are imported, or none: one request brings no more, about 7,000 prices."""

RATE_CAP = 1e6
USUAL = {"model": "", **{field.name: field.default for field in fields(Price) if field.name != "model"}}

Provider = Annotated[str, Parameter(help="Whose price it is. [default: any provider's]")]
Since = Annotated[str, Parameter(help="The day from which on it holds. [default: ever since]")]
Rate = Annotated[float | None, Parameter(help="Money a million. [default: as plain input or output]")]
Long = Annotated[float | None, Parameter(help="Money a million, with --above. [default: as for short inputs]")]
Money = Annotated[float, Parameter(help="Money a million.")]

prices = App(name="prices", help="What models cost: money a million units.")


@prices.command(name="list")
def list_(
    *,
    built_in: Annotated[bool, Parameter(negative="", help="Those that come with Tulou, instead of your own.")] = False,
    options: Options = DEFAULTS,
) -> None:
    """List the price book; what neither it nor the built-in list has a price for costs nothing."""
    with house(options) as here:
        book = here.get("/api/v1/prices")
    listed = book["built_in"] if built_in else book["items"]
    show(listed, as_json=options.json, rows=[_cells(price) for price in listed], columns=COLUMNS)
    if options.json:
        return
    say(f"version {book['version']}, in {book['currency']} a million")
    if book["built_in"] and not built_in:
        count, date = len(book["built_in"]), book["built_in_date"]
        say(f"where none of these fits, {count} built-in ones of {date} do: `tulou prices list --built-in`")


@prices.command(name="set")
def set_(  # noqa: PLR0913 - a price has many rates
    model: str,
    /,
    *,
    provider: Provider = "",
    since: Since = "",
    input_: Annotated[float, Parameter(name="--input", help="Money a million input tokens.")] = 0.0,
    output: Annotated[float, Parameter(help="Money a million output tokens.")] = 0.0,
    cached: Rate = None,
    cache_written: Rate = None,
    cache_written_hour: Annotated[
        float | None, Parameter(help="Money a million. [default: as --cache-written]")
    ] = None,
    reasoning: Rate = None,
    audio_input: Rate = None,
    audio_output: Rate = None,
    image: Money = 0.0,
    search: Money = 0.0,
    request: Money = 0.0,
    character: Money = 0.0,
    second: Money = 0.0,
    batch_factor: Annotated[float, Parameter(help="What requests of batches cost, as a share of this.")] = 1.0,
    above: Annotated[int, Parameter(help="From more input tokens than this on, the rates for long inputs hold.")] = 0,
    long_input: Long = None,
    long_output: Long = None,
    long_cached: Long = None,
    options: Changing = UNEXPLAINED,
) -> None:
    """Set the price of a model, or of all that a pattern such as gpt-4* fits."""
    price = Price(
        model=model,
        provider=provider,
        since=moment(since) if since else 0.0,
        input=input_,
        output=output,
        cached=cached,
        cache_written=cache_written,
        cache_written_hour=cache_written_hour,
        reasoning=reasoning,
        audio_input=audio_input,
        audio_output=audio_output,
        image=image,
        search=search,
        request=request,
        character=character,
        second=second,
        batch_factor=batch_factor,
        tiers=(Tier(above=above, input=long_input, output=long_output, cached=long_cached),) if above else (),
    )
    with house(options) as here:
        put = here.put("/api/v1/prices", asdict(price))
    show(put, as_json=options.json, rows=[_cells(put)], columns=COLUMNS)


@prices.command(name="import")
def import_(
    file: Path,
    /,
    *,
    since: Since = "",
    only: Annotated[str, Parameter(help="Only models that a pattern such as gpt-* fits.")] = "*",
    provider: Annotated[str, Parameter(help="Only prices of this provider.")] = "",
    rate: Annotated[
        float | None, Parameter(help="What one of the file's currency is in yours. [needed where they differ]")
    ] = None,
    options: Changing = UNEXPLAINED,
) -> None:
    """Import prices, all or none: a YAML file with a list `prices`, LiteLLM's model_prices, or OpenRouter's /models."""
    found = read_prices(file, since=moment(since) if since else 0.0)
    wanted = [price for price in found.prices if fnmatchcase(price.model, only) and provider in ("", price.provider)]
    with house(options) as here:
        in_ours = _in_currency_of(here.get("/api/v1/prices")["currency"], found.currency, wanted, rate)
        put = here.post("/api/v1/prices/import", {"items": _fitting(in_ours)})
    told = {"read": len(found.prices), "without_price": found.without, **put}
    columns = ["read", "without_price", "changed", "version"]
    row = {name.upper(): told[name] for name in columns}
    show({**told, "notes": found.notes}, as_json=options.json, rows=[row], columns=list(row))
    for note in () if options.json else found.notes:
        say(f"! {note}")


@prices.command
def delete(model: str, /, *, provider: Provider = "", since: Since = "", options: Removing = ASKING) -> None:
    """Remove a price; what was priced with it keeps its cost until it is recomputed."""
    at = moment(since) if since else 0.0
    with house(options) as here:
        confirm(of_price(model, provider, at), f"delete price {model}", options)
        here.delete("/api/v1/prices", model=model, provider=provider, since=at)
    show(
        {"model": model}, as_json=options.json, rows=[{"MODEL": model, "STATE": "deleted"}], columns=["MODEL", "STATE"]
    )


def _cells(price: Any) -> dict[str, object]:
    since = datetime.fromtimestamp(price["since"], UTC).strftime("%Y-%m-%d") if price["since"] else "-"
    return {
        "MODEL": price["model"],
        "PROVIDER": price["provider"] or "any",
        "SINCE": since,
        "INPUT": f"{price['input']:g}",
        "OUTPUT": f"{price['output']:g}",
        "CACHED": "-" if price["cached"] is None else f"{price['cached']:g}",
        "REQUEST": f"{price['request']:g}",
        "BATCH": f"{price['batch_factor']:g}",
        "VERSION": price["version"],
    }


def _in_currency_of(ours: str, theirs: str, prices: Sequence[Price], rate: float | None) -> Sequence[Price]:
    if rate is None and theirs in ("", ours):
        return prices
    if rate is None:
        raise InvalidError(
            f"the file is in {theirs}, this house in {ours}; say with --rate what 1 {theirs} is in {ours}"
        )
    if not (isfinite(rate) and 0 < rate <= RATE_CAP):
        raise InvalidError(f"--rate is {rate}; it is what one of the file's currency is in {ours}, above 0")
    return [converted(price, rate) for price in prices]


def _fitting(prices: Sequence[Price]) -> list[dict[str, Any]]:
    """Return prices without what is as usual; raise `InvalidError` for more than one request can bring."""
    items = [{name: value for name, value in asdict(price).items() if value != USUAL[name]} for price in prices]
    if len(json.dumps(items)) > BODY_BYTES:
        raise InvalidError(f"{len(items)} prices are too many at once; choose some with --only or --provider")
    return items
