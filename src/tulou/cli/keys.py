"""`tulou keys ...`."""

import time
from typing import Annotated, Literal

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import ago, say, show
from tulou.cli.paging import pages
from tulou.cli.removal import of_key

COLUMNS = ["ID", "NAME", "PREFIX", "PROJECT", "PRINCIPAL", "SCOPES", "MODELS", "CREATED", "STATE"]

keys = App(name="keys", help="Create, list, enable and revoke keys.")


def register(app: App) -> None:
    """Add the commands."""
    app.command(keys)


@keys.command
def create(  # noqa: PLR0913 - each is an option of the command line
    name: str,
    /,
    *,
    scope: Annotated[tuple[Literal["inference", "admin"], ...], Parameter(help="What it may do.")] = ("inference",),
    model: Annotated[tuple[str, ...], Parameter(help="Models it may use; patterns such as demo-* are fine.")] = ("*",),
    days: Annotated[float | None, Parameter(help="Days until it expires. [default: never]")] = None,
    principal: Annotated[str, Parameter(help="Whose it is; a new name makes a service. [default: you]")] = "",
    project: Annotated[str, Parameter(help="The project that it belongs to.")] = "default",
    tenant: Annotated[str, Parameter(help="The tenant. [default: your own]")] = "",
    options: Changing = UNEXPLAINED,
) -> None:
    """Make a key and print its secret, which is not kept and cannot be shown again."""
    body = {
        "name": name,
        "scopes": list(scope),
        "models": list(model),
        "expires_at": None if days is None else time.time() + days * 86_400,
        "principal": principal,
        "project": project,
        "tenant": tenant,
    }
    with house(options) as here:
        made = here.post("/api/v1/keys", body)
    if options.json:
        show(made, as_json=True, rows=[], columns=[])
    else:
        say(made["secret"])


@keys.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List the keys that are valid."""
    with house(options) as here:
        items = pages(here, "/api/v1/keys")
    rows = [
        {
            "ID": item["id"],
            "NAME": item["name"],
            "PREFIX": item["prefix"],
            "PROJECT": item["project"],
            "PRINCIPAL": item["principal"],
            "SCOPES": " ".join(item["scopes"]),
            "MODELS": " ".join(item["models"]),
            "CREATED": ago(item["created_at"]),
            "STATE": "disabled" if item["disabled"] else "enabled",
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=COLUMNS)


@keys.command
def enable(key: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Let a key in again that came back disabled with its owner."""
    with house(options) as here:
        found = here.post(f"/api/v1/keys/{key}/enable")
    show(found, as_json=options.json, rows=[{"ID": key, "STATE": "enabled"}], columns=["ID", "STATE"])


@keys.command
def revoke(key: str, /, *, options: Removing = ASKING) -> None:
    """End a key, by its id, at once and for ever."""
    with house(options) as here:
        confirm(of_key(here, key), f"revoke {key}", options)
        gone = here.delete(f"/api/v1/keys/{key}")
    show(gone, as_json=options.json, rows=[{"ID": key, "STATE": "revoked"}], columns=["ID", "STATE"])
