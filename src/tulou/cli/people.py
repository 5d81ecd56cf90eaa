"""`tulou people ...`: principals, their roles, passwords and sessions."""

import secrets
import sys
from getpass import getpass
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import HouseClient, house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import ago, say, show
from tulou.cli.paging import pages
from tulou.cli.removal import of_person
from tulou.kernel.errors import InvalidError

Tenant = Annotated[str, Parameter(help="The tenant. [default: your own]")]
Project = Annotated[str, Parameter(help="Hold the role at this project alone.")]

COLUMNS = ["TENANT", "NAME", "KIND", "E-MAIL", "ROLES", "SECOND FACTOR", "SEEN", "SUSPENDED"]
KEPT = ("kind", "title", "email", "roles", "attributes", "suspended")

people = App(name="people", help="People and programs that may act: who they are, what they may.")


def register(app: App) -> None:
    """Add the commands."""
    app.command(people)


@people.command
def add(  # noqa: PLR0913 - each is an option of the command line
    name: str,
    /,
    *,
    email: Annotated[str, Parameter(help="What they sign in with.")] = "",
    role: Annotated[tuple[str, ...], Parameter(help="A role; `tulou roles list` shows those there are.")] = (),
    project: Project = "",
    title: Annotated[str, Parameter(help="Their full name.")] = "",
    service: Annotated[bool, Parameter(negative="", help="A program: it has keys, and never signs in.")] = False,
    tenant: Tenant = "",
    options: Changing = UNEXPLAINED,
) -> None:
    """Make a person or a program known; a person with an e-mail address gets a first password, which is printed."""
    first = "" if service or not email else new_password()
    body = {
        "kind": "service" if service else "user",
        "title": title,
        "email": email,
        "roles": [{"role": one, "project": project} for one in role],
        "password": first or None,
    }
    with house(options) as here:
        place = _tenant(here, tenant)
        if any(item["name"] == name for item in pages(here, "/api/v1/principals", tenant=place)):
            raise InvalidError(f"{name} is known already; `tulou people role {name} ROLE` gives another role")
        made = here.put(f"/api/v1/principals/{place}/{name}", body)
    if options.json:
        show(made | {"password": first}, as_json=True, rows=[], columns=[])
    else:
        say(
            f"{email} may sign in with {first}" if first else f"{name} is known; `tulou keys create` makes a key for it"
        )


@people.command(name="list")
def list_(*, tenant: Tenant = "", options: Options = DEFAULTS) -> None:
    """List people and programs."""
    with house(options) as here:
        items = pages(here, "/api/v1/principals", tenant=tenant)
    show(items, as_json=options.json, rows=[_row(item) for item in items], columns=COLUMNS)


@people.command
def suspend(name: str, /, *, why: str = "suspended", tenant: Tenant = "", options: Changing = UNEXPLAINED) -> None:
    """Let somebody do nothing any more, until `tulou people resume`; their keys stay, and open nothing."""
    _change(name, tenant, options, suspended=why)


@people.command
def resume(name: str, /, *, tenant: Tenant = "", options: Changing = UNEXPLAINED) -> None:
    """Let somebody act again who was suspended."""
    _change(name, tenant, options, suspended="")


@people.command
def role(
    name: str,
    role_name: str,
    /,
    *,
    project: Project = "",
    remove: Annotated[bool, Parameter(negative="", help="Take the role away.")] = False,
    tenant: Tenant = "",
    options: Changing = UNEXPLAINED,
) -> None:
    """Give somebody a role, or take it away."""
    binding = {"role": role_name, "project": project}
    with house(options) as here:
        path, before = _found(here, tenant, name)
        held = [one for one in before["roles"] if one != binding]
        changed = here.put(path, _kept(before) | {"roles": held if remove else [*held, binding]})
    show(changed, as_json=options.json, rows=[_row(changed)], columns=COLUMNS)


@people.command
def password(
    name: str,
    /,
    *,
    generate: Annotated[bool, Parameter(negative="", help="Make one and print it.")] = False,
    tenant: Tenant = "",
    options: Changing = UNEXPLAINED,
) -> None:
    """Give somebody another password; they are signed out everywhere."""
    fresh = new_password() if generate else _typed()
    with house(options) as here:
        path, before = _found(here, tenant, name)
        changed = here.put(path, _kept(before) | {"password": fresh})
    if options.json:
        show(changed | {"password": fresh if generate else None}, as_json=True, rows=[], columns=[])
    else:
        say(fresh if generate else f"{name} signs in with the new password from now on")


@people.command
def sessions(name: str, /, *, tenant: Tenant = "", options: Options = DEFAULTS) -> None:
    """List where somebody is signed in."""
    with house(options) as here:
        items = here.get(f"/api/v1/principals/{_tenant(here, tenant)}/{name}/sessions")["items"]
    rows = [
        {
            "ID": item["id"],
            "SINCE": ago(item["created_at"]),
            "SEEN": ago(item["seen_at"]),
            "BY": item["by"],
            "ADDRESS": item["address"],
            "AGENT": item["agent"],
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=["ID", "SINCE", "SEEN", "BY", "ADDRESS", "AGENT"])


@people.command
def sign_out(name: str, /, *, tenant: Tenant = "", options: Changing = UNEXPLAINED) -> None:
    """Sign somebody out everywhere."""
    with house(options) as here:
        here.delete(f"/api/v1/principals/{_tenant(here, tenant)}/{name}/sessions")
    say(f"{name} is signed out everywhere")


@people.command
def forget_authenticator(name: str, /, *, tenant: Tenant = "", options: Changing = UNEXPLAINED) -> None:
    """Ask somebody for no second factor any more, who has lost it."""
    with house(options) as here:
        here.delete(f"/api/v1/principals/{_tenant(here, tenant)}/{name}/second-factor")
    say(f"{name} signs in with the password alone, until they set up another authenticator")


@people.command
def remove(name: str, /, *, tenant: Tenant = "", options: Removing = ASKING) -> None:
    """Remove somebody, with their sessions and keys; a rollback brings them back for a while, the keys disabled."""
    with house(options) as here:
        owner = _tenant(here, tenant)
        confirm(of_person(here, owner, name), f"remove {owner}/{name}", options)
        here.delete(f"/api/v1/principals/{owner}/{name}")
    say(f"{name} is gone, and all keys of theirs")


@people.command
def erase(name: str, /, *, tenant: Tenant = "", options: Removing = ASKING) -> None:
    """Remove somebody for ever, removed before or not: what is kept of them goes, and no rollback brings them back."""
    with house(options) as here:
        owner = _tenant(here, tenant)
        confirm(of_person(here, owner, name, for_ever=True), f"erase {owner}/{name}", options)
        here.post(f"/api/v1/principals/{owner}/{name}/erase")
    say(f"{name} is erased")


@people.command
def removed(*, tenant: Tenant = "", options: Options = DEFAULTS) -> None:
    """List who was removed and may come back by a rollback, the last first."""
    with house(options) as here:
        items = here.get("/api/v1/principals/deleted", tenant=tenant)["items"]
    rows = [
        {
            "TENANT": item["tenant"],
            "NAME": item["name"],
            "KEYS": item["keys"],
            "REMOVED": ago(item["deleted_at"]),
            "BY": item["deleted_by"],
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=["TENANT", "NAME", "KEYS", "REMOVED", "BY"])


def new_password() -> str:
    """Return a password that nobody guesses: 99 random bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(5))


def _typed() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    fresh = getpass("new password: ")
    if getpass("once more: ") != fresh:
        raise InvalidError("these are two different passwords; try again")
    return fresh


def _change(name: str, tenant: str, options: Changing, **changes: object) -> None:
    with house(options) as here:
        path, before = _found(here, tenant, name)
        changed = here.put(path, _kept(before) | changes)
    show(changed, as_json=options.json, rows=[_row(changed)], columns=COLUMNS)


def _found(here: HouseClient, tenant: str, name: str) -> tuple[str, dict[str, Any]]:
    path = f"/api/v1/principals/{_tenant(here, tenant)}/{name}"
    return path, here.get(path)


def _kept(principal: dict[str, Any]) -> dict[str, Any]:
    """Return what a change leaves as it was: a PUT says all."""
    return {name: principal[name] for name in KEPT}


def _tenant(here: HouseClient, named: str) -> str:
    return named or here.get("/api/v1/me")["tenant"]


def _row(item: dict[str, Any]) -> dict[str, object]:
    held = (one["role"] + (f"@{one['project']}" if one["project"] else "") for one in item["roles"])
    return {
        "TENANT": item["tenant"],
        "NAME": item["name"],
        "KIND": item["kind"],
        "E-MAIL": item["email"] or "-",
        "ROLES": " ".join(held) or "-",
        "SECOND FACTOR": "yes" if item["has_second_factor"] else "no",
        "SEEN": ago(item["seen_at"]),
        "SUSPENDED": item["suspended"] or "-",
    }
