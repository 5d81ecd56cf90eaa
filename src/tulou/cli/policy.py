"""`tulou policy ...`: what is permitted and forbidden, in Cedar, and whether it decides as it should."""

import time
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import say, show
from tulou.cli.policy_cases import as_json, read_cases, read_policy
from tulou.cli.removal import of_policy
from tulou.contracts.governance.messages import PolicyResults, TryPolicies
from tulou.services.governance.policy_cache import edited
from tulou.services.governance.trial import check, tried

policy = App(name="policy", help="Policies in Cedar: who may do what, beyond roles.")


@policy.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List policies."""
    with house(options) as here:
        items = here.get("/api/v1/policies")["items"]
    rows = [
        {
            "NAME": item["name"],
            "IS": "enabled" if item["enabled"] else "disabled",
            "LINES": item["text"].strip().count("\n") + 1,
            "DESCRIPTION": item["description"] or "-",
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=["NAME", "IS", "LINES", "DESCRIPTION"])


@policy.command(name="show")
def show_(name: str, /, *, options: Options = DEFAULTS) -> None:
    """Print the text of a policy."""
    with house(options) as here:
        item = here.get(f"/api/v1/policies/{name}")
    if options.json:
        show(item, as_json=True, rows=[], columns=[])
    else:
        say(item["text"].rstrip())


@policy.command
def put(
    file: Path,
    /,
    *,
    name: Annotated[str, Parameter(help="The policy's name. [default: the file's, without .cedar]")] = "",
    description: str = "",
    disabled: Annotated[bool, Parameter(negative="", help="Check it and keep it, but let it decide nothing.")] = False,
    options: Changing = UNEXPLAINED,
) -> None:
    """Make or replace a policy; its text is checked first, down to the names of attributes."""
    made = read_policy(file, name)
    body = {"text": made.text, "description": description, "enabled": not disabled}
    with house(options) as here:
        kept = here.put(f"/api/v1/policies/{made.name}", body)
    _told(kept, f"{made.name} is {'kept, and decides nothing' if disabled else 'in force'}", options)


@policy.command
def delete(name: str, /, *, options: Removing = ASKING) -> None:
    """Remove a policy."""
    with house(options) as here:
        confirm(of_policy(here, name), f"delete policy {name}", options)
        here.delete(f"/api/v1/policies/{name}")
    _told({"name": name}, f"{name} is gone", options)


@policy.command
def enable(name: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Put a policy in force that was kept without deciding anything."""
    _switch(name, options, enabled=True)


@policy.command
def disable(name: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Keep a policy, but let it decide nothing."""
    _switch(name, options, enabled=False)


@policy.command(name="test")
def try_out(
    file: Path,
    /,
    *,
    offline: Annotated[
        bool, Parameter(negative="", help="Decide here, by the file's policies and roles alone; no house is asked.")
    ] = False,
    options: Options = DEFAULTS,
) -> int:
    """Decide the cases of a YAML file, with its policies or those in force; exit with 1 if one is not as expected."""
    asked = read_cases(file)
    results = _decided_here(asked) if offline else _decided_there(asked, options)
    rows = [
        {
            "CASE": result["name"],
            "IS": "ok" if result["passed"] else "FAILED",
            "DECISION": "allow" if result["decision"]["allowed"] else "deny",
            "WHY": result["decision"]["why"],
        }
        for result in results
    ]
    show(results, as_json=options.json, rows=rows, columns=["CASE", "IS", "DECISION", "WHY"])
    return int(not all(result["passed"] for result in results))


def _decided_there(asked: TryPolicies, options: Options) -> list[dict[str, Any]]:
    with house(options) as here:
        return here.post("/api/v1/policies/try", as_json(asked))["items"]


def _decided_here(asked: TryPolicies) -> list[dict[str, Any]]:
    for written in asked.policies or ():
        check(written)
    laws = edited(0, asked.roles or (), asked.policies or ()).laws
    results: PolicyResults = tried(asked.cases, laws, now=time.time())
    items: Any = as_json(results)["items"]
    return list(items)


def _switch(name: str, options: Changing, *, enabled: bool) -> None:
    with house(options) as here:
        item = here.get(f"/api/v1/policies/{name}")
        body = {"text": item["text"], "description": item["description"], "enabled": enabled}
        kept = here.put(f"/api/v1/policies/{name}", body)
    _told(kept, f"{name} is {'in force' if enabled else 'kept, and decides nothing'}", options)


def _told(item: object, words: str, options: Options) -> None:
    if options.json:
        show(item, as_json=True, rows=[], columns=[])
    else:
        say(words)
