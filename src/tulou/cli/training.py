"""`tulou train`, and `tulou jobs ...`."""

from typing import Annotated

from cyclopts import App, Parameter

from tulou.cli.house import house
from tulou.cli.models import follow
from tulou.cli.options import DEFAULTS, UNEXPLAINED, Changing, Options
from tulou.cli.output import ago, say, show
from tulou.cli.paging import pages
from tulou.cli.promotion import advice

jobs = App(name="jobs", help="Durable work: imports, training runs.")


def register(app: App) -> None:
    """Add the commands."""
    app.command(train)
    app.command(jobs)


def train(
    recipe: str = "demo",
    /,
    *,
    profile: Annotated[str, Parameter(help="quick (about a minute) or full (the shipped one).")] = "quick",
    name: Annotated[str, Parameter(help="The model's name. [default: the recipe's]")] = "",
    options: Changing = UNEXPLAINED,
) -> None:
    """Train a model by a recipe, convert, quantise, sign and publish it as a version."""
    body = {"recipe": recipe, "profile": profile, "model": name}
    with house(options) as here:
        run = here.post("/api/v1/training/runs", body)
        if not options.json:
            say(f"run {run['id']}; it goes on if you leave, `tulou jobs list` shows it")
        job = follow(here, f"/api/v1/jobs/{run['job']}", quiet=options.json)
        run = here.get(f"/api/v1/training/runs/{run['id']}")
        next_step = advice(here, run["model"], run["version"])
    if options.json:
        show({"job": job, "run": run}, as_json=True, rows=[], columns=[])
    else:
        say(f"{run['model']} version {run['version']} is published and signed; {next_step}")


@jobs.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List jobs, newest first."""
    with house(options) as here:
        items = pages(here, "/api/v1/jobs")
    rows = [
        {
            "ID": item["id"],
            "KIND": item["kind"],
            "STATE": item["state"],
            "PROGRESS": f"{item['progress']:.0%}",
            "CREATED": ago(item["created_at"]),
            "NOTE": item["error"] or item["note"],
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=["ID", "KIND", "STATE", "PROGRESS", "CREATED", "NOTE"])


@jobs.command
def cancel(job: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Ask a job to stop."""
    with house(options) as here:
        item = here.post(f"/api/v1/jobs/{job}/cancel")
    show(item, as_json=options.json, rows=[{"ID": item["id"], "STATE": item["state"]}], columns=["ID", "STATE"])
