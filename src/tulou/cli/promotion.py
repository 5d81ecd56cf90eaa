"""`tulou models promote` and `alias`: which version an alias names, and what rolls over for it."""

from typing import Annotated, Any

from cyclopts import Parameter

from tulou.cli.house import HouseClient, house
from tulou.cli.options import UNEXPLAINED, Changing, Options
from tulou.cli.output import say, show
from tulou.kernel.errors import ForbiddenError


def promote(
    model: str,
    version: Annotated[str, Parameter(help="A version number, or an alias: its version now.")],
    /,
    *,
    alias: Annotated[str, Parameter(help="The alias that shall name it.")] = "stable",
    options: Changing = UNEXPLAINED,
) -> None:
    """Move an alias to a version; the deployments that follow the alias are listed and roll over to it."""
    with house(options) as here:
        _move(here, model, alias, version, options)


def alias_(model: str, name: str, version: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Make an alias of a model name a version; the deployments that follow it are listed and roll over."""
    with house(options) as here:
        _move(here, model, name, version, options)


def advice(here: HouseClient, model: str, number: int) -> str:
    """Return what makes a new version serve, or that it does already."""
    serving = served(here, model)
    if not serving:
        return f"`tulou deploy {model}` serves it"
    behind = sorted({one["version"] for one in serving} - {number})
    if not behind:
        return f"{', '.join(one['spec']['name'] for one in serving)} serves it"
    still = ", ".join(str(version) for version in behind)
    return f"version {still} serves as before, `tulou models promote {model} {number}` moves `stable` to this one"


def pinned(here: HouseClient, deployment: dict[str, Any]) -> str:
    """Return what to know of a deployment that follows `stable` of a model that has none; "" for any other."""
    model, reference = deployment["spec"]["model"], deployment["spec"]["reference"]
    if reference != "stable" or not model:
        return ""
    try:
        promoted = "stable" in here.get(f"/api/v1/models/{model}")["aliases"]
    except ForbiddenError:
        return ""
    number = deployment["version"]
    keep = f"`tulou models promote {model} VERSION` changes that"
    return "" if promoted else f"{model} has no `stable`: version {number} is served until one is promoted; {keep}"


def served(here: HouseClient, model: str) -> list[dict[str, Any]]:
    """Return the deployments that serve a model, as far as the caller may see them."""
    try:
        items: list[dict[str, Any]] = here.get("/api/v1/deployments")["items"]
    except ForbiddenError:
        return []
    return [one for one in items if one["spec"]["model"] == model and one["state"] != "deleting"]


def _move(here: HouseClient, model: str, alias: str, version: str, options: Options) -> None:
    number = here.get(f"/api/v1/models/{model}/versions/{version}")["number"]
    following = (one for one in served(here, model) if one["spec"]["reference"] == alias)
    rolling = [one for one in following if one["version"] != number]
    found = here.put(f"/api/v1/models/{model}/aliases/{alias}", {"version": number})
    rows: list[dict[str, object]] = [{"MODEL": model, "ALIAS": alias, "VERSION": number}]
    show(found, as_json=options.json, rows=rows, columns=["MODEL", "ALIAS", "VERSION"])
    for one in () if options.json else rolling:
        replicas = len(one["replicas"])
        say(f"{one['spec']['name']} rolls from version {one['version']} to {number}: {replicas} replicas")
