"""`tulou prices ...`."""

from dataclasses import asdict
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.house import house
from tulou.cli.options import DEFAULTS, UNEXPLAINED, Changing, Options
from tulou.cli.output import say, show
from tulou.cli.price_files import read_prices
from tulou.cli.spans import moment
from tulou.contracts.metering.messages import Price

COLUMNS = ["MODEL", "PROVIDER", "SINCE", "INPUT", "OUTPUT", "CACHED", "REQUEST", "BATCH", "VERSION"]
AT_ONCE = 1_000
"""Prices in one request: about 400 KiB."""

Provider = Annotated[str, Parameter(help="Whose price it is. [default: any provider's]")]
Since = Annotated[str, Parameter(help="The day from which on it holds. [default: ever since]")]
Rate = Annotated[float | None, Parameter(help="Money a million. [default: as plain input or output]")]
Money = Annotated[float, Parameter(help="Money a million.")]

prices = App(name="prices", help="What models cost: money a million units.")


@prices.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List the price book; where no price matches, nothing is charged."""
    with house(options) as here:
        book = here.get("/api/v1/prices")
    show(book["items"], as_json=options.json, rows=[_cells(price) for price in book["items"]], columns=COLUMNS)
    if not options.json:
        say(f"version {book['version']}, in {book['currency']} a million")


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
    reasoning: Rate = None,
    audio_input: Rate = None,
    audio_output: Rate = None,
    image: Money = 0.0,
    search: Money = 0.0,
    request: Money = 0.0,
    batch_factor: Annotated[float, Parameter(help="What requests of batches cost, as a share of this.")] = 1.0,
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
        reasoning=reasoning,
        audio_input=audio_input,
        audio_output=audio_output,
        image=image,
        search=search,
        request=request,
        batch_factor=batch_factor,
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
    options: Changing = UNEXPLAINED,
) -> None:
    """Import prices: a YAML file with a list `prices`, or LiteLLM's model_prices JSON."""
    found = read_prices(file, since=moment(since) if since else 0.0)
    wanted = [
        asdict(price) for price in found.prices if fnmatchcase(price.model, only) and provider in ("", price.provider)
    ]
    changed, version = 0, 0
    with house(options) as here:
        for first in range(0, len(wanted), AT_ONCE):
            put = here.post("/api/v1/prices/import", {"items": wanted[first : first + AT_ONCE]})
            changed, version = changed + put["changed"], put["version"]
    told = {"read": len(found.prices), "without_price": found.without, "changed": changed, "version": version}
    show(told, as_json=options.json, rows=[{name.upper(): value for name, value in told.items()}], columns=_upper(told))


@prices.command
def delete(model: str, /, *, provider: Provider = "", since: Since = "", options: Changing = UNEXPLAINED) -> None:
    """Remove a price; what was priced with it keeps its cost until it is recomputed."""
    at = moment(since) if since else 0.0
    with house(options) as here:
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


def _upper(told: dict[str, int]) -> list[str]:
    return [name.upper() for name in told]
