"""`tulou limits ...`."""

import time
from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.currency import currency_of
from tulou.cli.house import HouseClient, house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import say, show
from tulou.cli.removal import of_limit
from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import Away, Edge, Measure, Period, Scope

limits = App(name="limits", help="Limits, quotas and budgets: what may be used, and what of it is left.")

DAY_S = 86_400
MONEY = frozenset(name for name, measure in MEASURES.items() if measure.money)


def register(app: App) -> None:
    """Add the commands."""
    app.command(limits)


@limits.command(name="list")
def list_(*, tenant: str = "", options: Options = DEFAULTS) -> None:
    """List the limits, of one tenant if it is named."""
    with house(options) as here:
        items = here.get("/api/v1/limits", tenant=tenant)["items"]
        currency = _currency(here, items)
    rows = [
        {
            "NAME": item["name"],
            "FOR": _for(item),
            "AMOUNT": _amount(item, currency),
            "MODELS": " ".join(item["models"]),
            "EDGE": item["edge"],
            "AWAY": item["away"],
            "TENANT": item["tenant"],
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=["NAME", "FOR", "AMOUNT", "MODELS", "EDGE", "AWAY", "TENANT"])


@limits.command(name="set")
def set_(  # noqa: PLR0913 - a limit has many parts
    name: str,
    amount: Annotated[float, Parameter(help="How much; of `cost`, money.")],
    measure: Annotated[Measure, Parameter(help="Of what.")],
    period: Annotated[Period, Parameter(help="In which time; `none` for concurrency.")],
    /,
    *,
    scope: Annotated[Scope, Parameter(help="For whom.")] = "key",
    subject: Annotated[str, Parameter(help="For which one: its id. [default: each for itself]")] = "",
    model: Annotated[tuple[str, ...], Parameter(help="Models that share it; patterns are fine.")] = ("*",),
    edge: Annotated[Edge, Parameter(help="Refuse when it is reached, or only warn.")] = "hard",
    away: Annotated[Away, Parameter(help="What holds while it cannot be checked.")] = "local_share",
    warn_at: Annotated[tuple[float, ...], Parameter(help="Shares of it to warn at.")] = (0.8,),
    tenant: Annotated[str, Parameter(help="Whose limit it is. [default: yours]")] = "",
    options: Changing = UNEXPLAINED,
) -> None:
    """Make or replace a limit; what was used of it stays used."""
    body = {
        "scope": scope,
        "measure": measure,
        "amount": amount,
        "period": period,
        "subject": subject,
        "models": list(model),
        "edge": edge,
        "away": away,
        "warn_at": list(warn_at),
        "tenant": tenant,
    }
    with house(options) as here:
        made = here.put(f"/api/v1/limits/{name}", body)
        currency = _currency(here, [made])
    row = {"NAME": made["name"], "FOR": _for(made), "AMOUNT": _amount(made, currency)}
    show(made, as_json=options.json, rows=[row], columns=["NAME", "FOR", "AMOUNT"])


@limits.command
def delete(name: str, /, *, options: Removing = ASKING) -> None:
    """Remove a limit."""
    with house(options) as here:
        confirm(of_limit(here, name), f"delete limit {name}", options)
        here.delete(f"/api/v1/limits/{name}")
    if not options.json:
        say(f"{name} is gone")


@limits.command
def standing(
    limit: Annotated[str, Parameter(help="Only this one.")] = "",
    /,
    *,
    subject: Annotated[str, Parameter(help="Only this subject.")] = "",
    options: Options = DEFAULTS,
) -> None:
    """Show what of each limit is used and held now, when it resets, and what a budget will come to."""
    with house(options) as here:
        items = here.get("/api/v1/limits/standing", limit=limit, subject=subject)["items"]
        currency = _currency(here, [item["limit"] for item in items])
    rows = [
        {
            "LIMIT": item["limit"]["name"],
            "SUBJECT": item["subject"],
            "USED": _number(item["used"]),
            "HELD": _number(item["held"]),
            "OF": _amount(item["limit"], currency),
            "RESETS": _until(item["resets_at"]),
            "FORECAST": "" if item["forecast"] is None else _number(item["forecast"]),
            "STATE": item["state"],
        }
        for item in items
    ]
    columns = ["LIMIT", "SUBJECT", "USED", "HELD", "OF", "RESETS", "FORECAST", "STATE"]
    show(items, as_json=options.json, rows=rows, columns=columns)


def _for(item: dict[str, Any]) -> str:
    return f"{item['scope']} {item['subject']}" if item["subject"] else f"each {item['scope']}"


def _currency(here: HouseClient, items: Sequence[Any]) -> str:
    """Return what budgets are in, which is asked only where there is one."""
    return currency_of(here) if any(item["measure"] in MONEY for item in items) else ""


def _amount(item: dict[str, Any], currency: str) -> str:
    measure = MEASURES.get(item["measure"])
    if measure is not None and measure.charged == "never":
        return f"{_number(item['amount'])} at once"
    words = measure.words if measure is not None else item["measure"].replace("_", " ")  # of a newer house
    unit = currency if item["measure"] in MONEY else words
    return f"{_number(item['amount'])} {unit} a {item['period']}"


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _until(moment: float) -> str:
    """Return how long it is until a Unix time, in the largest unit that fits."""
    seconds = max(0.0, moment - time.time())
    for unit, size in (("d", DAY_S), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"in {seconds / size:.0f}{unit}"
    return f"in {seconds:.0f}s" if seconds >= 1 else "now"
