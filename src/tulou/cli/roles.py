"""`tulou roles ...`: bundles of permissions that people and programs hold."""

from typing import Annotated

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import say, show
from tulou.cli.removal import of_role

COLUMNS = ["NAME", "REACHES", "PERMISSIONS", "TITLE"]

roles = App(name="roles", help="Roles: bundles of permissions.")


def register(app: App) -> None:
    """Add the commands."""
    app.command(roles)


@roles.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List roles with what they permit."""
    with house(options) as here:
        items = here.get("/api/v1/roles")["items"]
    rows = [
        {
            "NAME": item["name"],
            "REACHES": "the house" if item["house"] else "its tenant",
            "PERMISSIONS": " ".join(item["permissions"]),
            "TITLE": item["title"] or "-",
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=COLUMNS)


@roles.command
def put(
    name: str,
    /,
    *permissions: Annotated[str, Parameter(help="Such as keys:read, limits:* or *:read; -audit:* takes away.")],
    title: str = "",
    whole_house: Annotated[
        bool, Parameter(name="--house", negative="", help="Let it reach over all tenants, not only its holder's.")
    ] = False,
    options: Changing = UNEXPLAINED,
) -> None:
    """Make or replace a role."""
    body = {"permissions": list(permissions), "title": title, "house": whole_house}
    with house(options) as here:
        made = here.put(f"/api/v1/roles/{name}", body)
    if options.json:
        show(made, as_json=True, rows=[], columns=[])
    else:
        say(f"{name} permits {' '.join(permissions)}")


@roles.command
def delete(name: str, /, *, options: Removing = ASKING) -> None:
    """Remove a role; those who hold it lose what it permitted."""
    with house(options) as here:
        confirm(of_role(here, name), f"delete role {name}", options)
        here.delete(f"/api/v1/roles/{name}")
    if options.json:
        show({"name": name}, as_json=True, rows=[], columns=[])
    else:
        say(f"{name} is gone")
