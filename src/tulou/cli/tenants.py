"""`tulou tenants ...` and `tulou projects ...`."""

from typing import Annotated

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import HouseClient, house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import ago, say, show
from tulou.cli.removal import of_project, of_tenant

TENANT_COLUMNS = ["NAME", "TITLE", "SINCE", "SUSPENDED"]
PROJECT_COLUMNS = ["TENANT", "NAME", "TITLE", "SINCE"]

Title = Annotated[str, Parameter(help="What people call it.")]
Tenant = Annotated[str, Parameter(help="The tenant. [default: your own]")]

tenants = App(name="tenants", help="Owners of data, apart from all others.")
projects = App(name="projects", help="Parts of a tenant, to which keys, limits and costs belong.")


def register(app: App) -> None:
    """Add the commands."""
    app.command(tenants)
    app.command(projects)


@tenants.command(name="list")
def list_tenants(*, options: Options = DEFAULTS) -> None:
    """List the tenants that you may see."""
    with house(options) as here:
        items = here.get("/api/v1/tenants")["items"]
    rows = [
        {
            "NAME": item["name"],
            "TITLE": item["title"] or "-",
            "SINCE": ago(item["created_at"]),
            "SUSPENDED": item["suspended"] or "-",
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=TENANT_COLUMNS)


@tenants.command(name="add")
def add_tenant(name: str, /, *, title: Title = "", options: Changing = UNEXPLAINED) -> None:
    """Make a tenant, with a project `default`."""
    _put(name, options, title=title, suspended="")


@tenants.command
def suspend(name: str, /, *, why: str = "suspended", options: Changing = UNEXPLAINED) -> None:
    """Let nobody of a tenant do anything, until `tulou tenants resume`; their keys stay, and open nothing."""
    _put(name, options, suspended=why)


@tenants.command
def resume(name: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Let a tenant act again that was suspended."""
    _put(name, options, suspended="")


@tenants.command(name="remove")
def remove_tenant(name: str, /, *, options: Removing = ASKING) -> None:
    """Remove a tenant that has neither people nor valid keys."""
    with house(options) as here:
        confirm(of_tenant(here, name), f"remove tenant {name}", options)
        here.delete(f"/api/v1/tenants/{name}")
    say(f"tenant {name} is gone")


@projects.command(name="list")
def list_projects(*, tenant: Tenant = "", options: Options = DEFAULTS) -> None:
    """List projects."""
    with house(options) as here:
        items = here.get("/api/v1/projects", tenant=tenant)["items"]
    rows = [
        {
            "TENANT": item["tenant"],
            "NAME": item["name"],
            "TITLE": item["title"] or "-",
            "SINCE": ago(item["created_at"]),
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=PROJECT_COLUMNS)


@projects.command(name="add")
def add_project(name: str, /, *, title: Title = "", tenant: Tenant = "", options: Changing = UNEXPLAINED) -> None:
    """Make a project."""
    with house(options) as here:
        made = here.put(f"/api/v1/projects/{_own(here, tenant)}/{name}", {"title": title})
    show(made, as_json=options.json, rows=[{"TENANT": made["tenant"], "NAME": name}], columns=["TENANT", "NAME"])


@projects.command(name="remove")
def remove_project(name: str, /, *, tenant: Tenant = "", options: Removing = ASKING) -> None:
    """Remove a project that has no valid keys."""
    with house(options) as here:
        owner = _own(here, tenant)
        confirm(of_project(here, owner, name), f"remove project {owner}/{name}", options)
        here.delete(f"/api/v1/projects/{owner}/{name}")
    say(f"project {name} is gone")


def _put(name: str, options: Changing, **changes: str) -> None:
    with house(options) as here:
        known = {item["name"]: item for item in here.get("/api/v1/tenants")["items"]}
        before = known.get(name, {})
        kept = {field: before.get(field, "") for field in ("title", "suspended")}
        made = here.put(f"/api/v1/tenants/{name}", kept | changes)
    row = {"NAME": name, "TITLE": made["title"] or "-", "SUSPENDED": made["suspended"] or "-"}
    show(made, as_json=options.json, rows=[row], columns=list(row))


def _own(here: HouseClient, named: str) -> str:
    return named or here.get("/api/v1/me")["tenant"]
