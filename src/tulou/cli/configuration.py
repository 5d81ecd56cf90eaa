"""`tulou plan`, `apply`, `rollback`, `diff`, `export` and `revisions`: the house as one document."""

import difflib
import json
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.house import HouseClient, house
from tulou.cli.options import DEFAULTS, UNEXPLAINED, Changing, Options
from tulou.cli.output import ago, say, show
from tulou.kernel.errors import InvalidError

SIGNS = {"create": "+", "update": "~", "delete": "-"}
FILE = Path("house.yaml")
DIFFERS = 1

File = Annotated[Path, Parameter(name=("--file", "-f"), help="The document; - reads standard input.")]
Prune = Annotated[bool, Parameter(help="Remove what the document's lists do not name.")]


def register(app: App) -> None:
    """Add the commands."""
    for command in (plan, apply, rollback, diff, export, revisions):
        app.command(command)


def plan(
    *,
    file: File = FILE,
    prune: Prune = True,
    replay: Annotated[float, Parameter(help="Seconds of requests to decide again; 0 for none.")] = 3600.0,
    options: Options = DEFAULTS,
) -> None:
    """Show what a document would change, and which requests of the last hour would have been decided differently."""
    with house(options) as here:
        found = here.post("/api/v1/configuration/plan", {**_body(file, prune), "replay_s": replay})
    if options.json:
        show(found, as_json=True, rows=[], columns=[])
        return
    _tell(found["changes"])
    for warning in found["warnings"]:
        say(f"! {warning}")
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
    options: Changing = UNEXPLAINED,
) -> None:
    """Make a document so, whole or not at all."""
    with house(options) as here:
        _applied(
            here, "/api/v1/configuration/apply", {**_body(file, prune), "reason": options.reason, "base": base}, options
        )


def rollback(
    revision: int,
    /,
    *,
    options: Changing = UNEXPLAINED,
) -> None:
    """Return to an earlier revision, by making a new one that equals it."""
    with house(options) as here:
        _applied(here, "/api/v1/configuration/rollback", {"revision": revision, "reason": options.reason}, options)


def diff(base: int, to: int | None = None, /, *, options: Options = DEFAULTS) -> int:
    """Show how two revisions differ, or one and the house as it is; exit with 1 if they do."""
    query = {"base": base} if to is None else {"base": base, "to": to}
    with house(options) as here:
        found = here.get("/api/v1/configuration/compare", **query)
    if options.json:
        show(found, as_json=True, rows=[], columns=[])
    else:
        _tell(found["changes"])
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
            "BY": item["source"],
            "CHANGES": _counted(item["changes"]),
            "REASON": item["reason"],
        }
        for item in items
    ]
    columns = ["REVISION", "AGE", "AUTHOR", "BY", "CHANGES", "REASON"]
    show(items, as_json=options.json, rows=rows, columns=columns)


def read_text(file: Path) -> str:
    """Return a file's text, or what stands on standard input; raise `InvalidError` for one that cannot be read."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} cannot be read: {error}; name the document with --file") from error


def _body(file: Path, prune: bool) -> dict[str, object]:  # noqa: FBT001 - as the option is
    return {"text": read_text(file), "prune": prune}


def _applied(here: HouseClient, path: str, body: dict[str, object], options: Options) -> None:
    done = here.post(path, body)["revision"]
    if options.json:
        show(done, as_json=True, rows=[], columns=[])
    else:
        say(f"the house is at revision {done['number']}, made {ago(done['at'])} ago: {_counted(done['changes'])}")


def _tell(changes: list[dict[str, Any]]) -> None:
    for change in changes:
        say(f"{SIGNS[change['kind']]} {change['resource']} {change['name']}")
        if change["kind"] == "update":
            for line in _lines(change["before"], change["after"]):
                say(f"    {line}")


def _lines(before: str, after: str) -> list[str]:
    """Return what differs of two resources, line by line."""
    old, new = (json.dumps(json.loads(text), indent=1, ensure_ascii=False).splitlines() for text in (before, after))
    return [line for line in difflib.unified_diff(old, new, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")]


def _counted(changes: list[dict[str, Any]]) -> str:
    kinds = [change["kind"] for change in changes]
    return " ".join(f"{SIGNS[kind]}{kinds.count(kind)}" for kind in SIGNS if kind in kinds) or "none"
