"""`tulou plan`, `apply`, `rollback`, `diff`, `export` and `revisions`: the house as one document."""

import difflib
import json
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import HouseClient, house
from tulou.cli.options import ASKING, DEFAULTS, Options, Removing
from tulou.cli.output import ago, say, show
from tulou.kernel.errors import InvalidError

SIGNS = {"create": "+", "update": "~", "delete": "-"}
FILE = Path("house.yaml")
DIFFERS = 1
NAMED = 2
"""Changes of a revision that a list names."""

File = Annotated[Path, Parameter(name=("--file", "-f"), help="The document; - reads standard input.")]
Only = Annotated[tuple[str, ...], Parameter(help="This change alone, as principals/acme/ann; may be repeated.")]
Prune = Annotated[bool, Parameter(help="Remove what the document's lists do not name.")]


def register(app: App) -> None:
    """Add the commands."""
    for command in (plan, apply, rollback, diff, export, revisions):
        app.command(command)


def plan(
    *,
    file: File = FILE,
    prune: Prune = True,
    only: Only = (),
    replay: Annotated[float, Parameter(help="Seconds of requests to decide again; 0 for none.")] = 3600.0,
    options: Options = DEFAULTS,
) -> None:
    """Show what a document would change, and which requests of the last hour would have been decided differently."""
    with house(options) as here:
        found = here.post("/api/v1/configuration/plan", {**_body(file, prune, only), "replay_s": replay})
    if options.json:
        show(found, as_json=True, rows=[], columns=[])
        return
    for line in planned(found):
        say(line)
    if found["changes"] and replay:
        say(f"\n{found['different']} of {found['replayed']} requests would have been decided differently")
        for example in found["examples"]:
            who = f"{example['tenant']}/{example['principal']}"
            say(f"  {example['request_id']} {who} {example['model']}: {example['was']} -> {example['would_be']}")
    say(f"\n{len(found['changes'])} changes against revision {found['base']}")


def apply(
    *,
    file: File = FILE,
    base: Annotated[int | None, Parameter(help="Refuse unless this is the newest revision.")] = None,
    prune: Prune = True,
    only: Only = (),
    options: Removing = ASKING,
) -> None:
    """Make a document so, whole or not at all; what would be removed is shown first, and asked for."""
    document = _body(file, prune, only)
    body = {**document, "reason": options.reason, "base": base}
    with house(options) as here:
        plan = here.post("/api/v1/configuration/plan", {**document, "replay_s": 0})
        if any(change["kind"] == "delete" for change in plan["changes"]):
            confirm(planned(plan), "apply this", options)
            body["base"] = plan["base"] if base is None else base
        _applied(here, "/api/v1/configuration/apply", body, options)


def rollback(
    revision: int,
    /,
    *,
    only: Only = (),
    options: Removing = ASKING,
) -> None:
    """Return to an earlier revision, by making a new one that equals it; what that does is shown first.

    Principals that were removed since come back with their keys, which are disabled until `tulou keys enable`.
    """
    body: dict[str, object] = {"revision": revision, "only": list(only)}
    with house(options) as here:
        plan = here.post("/api/v1/configuration/rollback/plan", body)
        if plan["changes"] or plan["returns"]:
            confirm(planned(plan), f"roll back to revision {revision}", options)
        body |= {"reason": options.reason, "base": plan["base"]}
        _applied(here, "/api/v1/configuration/rollback", body, options)


def diff(base: int, to: int | None = None, /, *, options: Options = DEFAULTS) -> int:
    """Show how two revisions differ, or one and the house as it is; exit with 1 if they do."""
    query = {"base": base} if to is None else {"base": base, "to": to}
    with house(options) as here:
        found = here.get("/api/v1/configuration/compare", **query)
    if options.json:
        show(found, as_json=True, rows=[], columns=[])
    else:
        for line in _lines_of(found["changes"]):
            say(line)
    return DIFFERS if found["changes"] else 0


def export(
    *,
    revision: Annotated[int | None, Parameter(help="Of this revision. [default: as it is now]")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Print the house as a document; it holds no secrets, only references to them."""
    with house(options) as here:
        text = here.text("/api/v1/configuration", **({} if revision is None else {"revision": revision}))
    sys.stdout.write(text)


def revisions(
    *, limit: Annotated[int, Parameter(help="How many, newest first.")] = 20, options: Options = DEFAULTS
) -> None:
    """List what the house was, when, and who made it so."""
    with house(options) as here:
        items = here.get("/api/v1/configuration/revisions", limit=limit)["items"]
    rows = [
        {
            "REVISION": item["number"],
            "AGE": ago(item["at"]),
            "AUTHOR": item["author"],
            "BY": item["via"] or item["source"],
            "CHANGES": _counted(item["changes"]),
            "WHAT": _named(item["changes"]),
            "REASON": item["reason"],
        }
        for item in items
    ]
    columns = ["REVISION", "AGE", "AUTHOR", "BY", "CHANGES", "WHAT", "REASON"]
    show(items, as_json=options.json, rows=rows, columns=columns)


def read_text(file: Path) -> str:
    """Return a file's text, or what stands on standard input; raise `InvalidError` for one that cannot be read."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} cannot be read: {error}; name the document with --file") from error


def planned(plan: dict[str, Any]) -> list[str]:
    """Return a plan in lines: what changes, what goes with it for good, what comes back."""
    warnings = [f"! {warning}" for warning in plan["warnings"]]
    return [*_lines_of(plan["changes"]), *warnings, *(f"  {back}" for back in plan["returns"])]


def _body(file: Path, prune: bool, only: tuple[str, ...]) -> dict[str, object]:  # noqa: FBT001 - as the option is
    return {"text": read_text(file), "prune": prune, "only": list(only)}


def _applied(here: HouseClient, path: str, body: dict[str, object], options: Options) -> None:
    done = here.post(path, body)["revision"]
    if options.json:
        show(done, as_json=True, rows=[], columns=[])
    else:
        say(f"the house is at revision {done['number']}, made {ago(done['at'])} ago: {_counted(done['changes'])}")


def _lines_of(changes: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for change in changes:
        lines.append(f"{SIGNS[change['kind']]} {change['resource']} {change['name']}")
        if change["kind"] == "update":
            lines += [f"    {line}" for line in _lines(change["before"], change["after"])]
    return lines


def _named(changes: list[dict[str, Any]]) -> str:
    """Return the first things that changed by name, and how many more."""
    some = ", ".join(f"{change['resource']}/{change['name']}" for change in changes[:NAMED])
    more = len(changes) - NAMED
    return some + (f" and {more} more" if more > 0 else "")


def _lines(before: str, after: str) -> list[str]:
    """Return what differs of two resources, line by line."""
    old, new = (json.dumps(json.loads(text), indent=1, ensure_ascii=False).splitlines() for text in (before, after))
    return [line for line in difflib.unified_diff(old, new, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")]


def _counted(changes: list[dict[str, Any]]) -> str:
    kinds = [change["kind"] for change in changes]
    return " ".join(f"{SIGNS[kind]}{kinds.count(kind)}" for kind in SIGNS if kind in kinds) or "none"
