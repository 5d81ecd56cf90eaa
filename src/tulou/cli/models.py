"""`tulou models ...`: what is in the registry."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.progress import BarColumn, Progress, TextColumn

from tulou.cli.confirmation import confirm
from tulou.cli.house import HouseClient, house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import ago, errors, say, show, size
from tulou.cli.paging import pages
from tulou.cli.promotion import advice, alias_, promote
from tulou.cli.removal import of_version
from tulou.kernel.errors import InvalidError, TulouError

POLL_S = 0.25

models = App(name="models", help="List, import, verify and alias models.")


def register(app: App) -> None:
    """Add the commands."""
    app.command(models)
    models.command(promote)
    models.command(alias_, name="alias")


@models.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List the models there are."""
    with house(options) as here:
        items = pages(here, "/api/v1/models")
    rows = [
        {
            "MODEL": item["name"],
            "TASK": item["task"],
            "LATEST": item["latest"],
            "ALIASES": " ".join(f"{alias}={number}" for alias, number in sorted(item["aliases"].items())),
            "UPDATED": ago(item["updated_at"]),
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=["MODEL", "TASK", "LATEST", "ALIASES", "UPDATED"])


@models.command
def versions(model: str, /, *, options: Options = DEFAULTS) -> None:
    """List the versions of a model, newest first."""
    with house(options) as here:
        items = pages(here, f"/api/v1/models/{model}/versions")
    rows = [
        {
            "VERSION": item["number"],
            "FORMAT": f"{item['facts']['format']} {item['facts']['quantization']}".strip(),
            "SIZE": size(sum(file["size"] for file in item["files"])),
            "SIGNED": "yes" if item["signature"] else "no",
            "ALIASES": " ".join(item["aliases"]),
            "DIGEST": item["digest"][:19],
            "CREATED": ago(item["created_at"]),
        }
        for item in items
    ]
    columns = ["VERSION", "FORMAT", "SIZE", "SIGNED", "ALIASES", "DIGEST", "CREATED"]
    show(items, as_json=options.json, rows=rows, columns=columns)


@models.command(name="import")
def import_(
    path: Path,
    /,
    *,
    name: Annotated[str, Parameter(help="The model's name. [default: from the path]")] = "",
    quantization: Annotated[str, Parameter(help="Q8_0, Q4_0, Q4_K_M ... for a folder of weights.")] = "",
    alias: Annotated[tuple[str, ...], Parameter(help="Move this alias to it: what follows the alias rolls.")] = (),
    options: Changing = UNEXPLAINED,
) -> None:
    """Convert, hash, sign and publish a Hugging Face folder, a GGUF or an ONNX file on the house's machine.

    What serves does not change, unless --alias says so: `tulou models promote` does it later.
    """
    model = name or path.resolve().stem.lower().replace(" ", "-").replace("_", "-")
    body = {"path": str(path.absolute()), "model": model, "quantization": quantization, "aliases": list(alias)}
    with house(options) as here:
        job = here.post("/api/v1/models/import", body)["job"]
        result = follow(here, f"/api/v1/jobs/{job}", quiet=options.json)
        number = json.loads(result["result"])["version"]
        version = here.get(f"/api/v1/models/{model}/versions/{number}")
        next_step = advice(here, model, number)
    if options.json:
        show({"job": result, "version": version}, as_json=True, rows=[], columns=[])
    else:
        say(f"{model} version {number} is in the registry, signed; {next_step}")


@models.command
def verify(model: str, reference: str = "latest", /, *, options: Options = DEFAULTS) -> None:
    """Read every file of a version again and check digests and signature."""
    with house(options) as here:
        found = here.post(f"/api/v1/models/{model}/versions/{reference}/verify")
    if options.json:
        show(found, as_json=True, rows=[], columns=[])
    elif found["valid"]:
        say(f"{model} version {found['version']} is what was signed")
    if not found["valid"]:
        raise TulouError(f"{model} version {found['version']} is not what was signed: {'; '.join(found['problems'])}")


@models.command
def delete(model: str, version: int, /, *, options: Removing = ASKING) -> None:
    """Remove a version that no alias names."""
    with house(options) as here:
        confirm(of_version(here, model, version), f"delete {model} version {version}", options)
        here.delete(f"/api/v1/models/{model}/versions/{version}")
    say(f"{model} version {version} is removed")


def follow(here: HouseClient, path: str, *, quiet: bool) -> dict[str, Any]:
    """Show a job's progress until it ends; raise what it failed of. Ctrl-C leaves the job running."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, console=errors, disable=quiet, transient=True) as progress:
        bar = progress.add_task("queued", total=1.0)
        while True:
            job = here.get(path)
            progress.update(bar, completed=job["progress"], description=job["note"] or job["state"])
            if job["state"] in ("succeeded", "failed", "cancelled"):
                break
            time.sleep(POLL_S)
    if job["state"] != "succeeded":
        raise InvalidError(job["error"] or f"the job was {job['state']}")
    return job
