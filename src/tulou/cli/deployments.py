"""`tulou deploy`, and `tulou deployments ...`."""

import time
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import HouseClient, house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import ago, say, show
from tulou.cli.price_warnings import price_findings
from tulou.cli.promotion import pinned
from tulou.cli.removal import of_deployment
from tulou.kernel.errors import DeadlineError, InvalidError, TulouError

POLL_S = 0.2
NONE: dict[str, Any] = {}

deployments = App(name="deployments", help="Scale, restart, change and delete what is deployed.")


def register(app: App) -> None:
    """Add the commands."""
    app.command(deploy)
    app.command(deployments)


def deploy(  # noqa: PLR0913 - each is an option of the command line
    model: str,
    /,
    *,
    name: Annotated[str, Parameter(help="What clients send as `model`. [default: the model's name]")] = "",
    version: Annotated[str, Parameter(help="A version number, an alias to follow, or latest.")] = "stable",
    replicas: int = 1,
    engine: Annotated[str, Parameter(help="auto, llamacpp, openvino, onnx or remote.")] = "auto",
    concurrency: int = 4,
    context: Annotated[int, Parameter(help="Tokens of context; 0 means the model's own.")] = 0,
    upstream: Annotated[str, Parameter(help="Who answers instead: an upstream's name, or an API's base URL.")] = "",
    there: Annotated[str, Parameter(name="--model", help="What the model is called there. [default: as here]")] = "",
    task: Annotated[str, Parameter(help="chat, embedding, rerank or moderation, for one that is outside.")] = "",
    secret: Annotated[str, Parameter(help="Where that API's key is: env://NAME, file://PATH or secret://NAME.")] = "",
    wait: Annotated[float, Parameter(help="Seconds to wait until it answers; 0 returns at once.")] = 120.0,
    options: Changing = UNEXPLAINED,
) -> None:
    """Serve a model: the version that `stable` names, and the newest where nobody has promoted one."""
    body: dict[str, object] = {
        "name": name or model,
        "model": "" if upstream else model,
        "reference": version,
        "engine": "remote" if upstream else engine,
        "replicas": replicas,
        "concurrency": concurrency,
        "context_length": context,
        "upstreams": [_upstream(upstream, there or model, secret)] if upstream else [],
        "task": task,
    }
    with house(options) as here:
        made = here.post("/api/v1/deployments", body)
        if wait:
            made = _until_ready(here, str(body["name"]), wait)
        note = pinned(here, made)
        warnings = [] if options.json else _warnings(here, str(body["name"]))
    if options.json:
        show(made, as_json=True, rows=[], columns=[])
    else:
        say(f"{body['name']} is {made['state']}; `tulou chat {_called(made)}` talks to it")
    if note and not options.json:
        say(note)
    for warning in warnings:
        say(f"! {warning}")


@deployments.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List deployments with their replicas."""
    with house(options) as here:
        items = here.get("/api/v1/deployments")["items"]
    rows = [_row(item, replica) for item in items for replica in item["replicas"] or [NONE]]
    columns = ["DEPLOYMENT", "STATE", "ENGINE", "REPLICA", "IS", "SINCE", "WHY"]
    show(items, as_json=options.json, rows=rows, columns=columns)


@deployments.command
def scale(name: str, replicas: int, /, *, options: Changing = UNEXPLAINED) -> None:
    """Want so many replicas; 0 stops the deployment."""
    _change(name, {"replicas": replicas}, options)


@deployments.command
def roll(name: str, version: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Serve another version, replica by replica, without a failed request."""
    _change(name, {"reference": version}, options)


@deployments.command
def restart(name: str, /, *, replica: str = "", options: Changing = UNEXPLAINED) -> None:
    """Replace all replicas one by one, or the one that is named."""
    path = f"/api/v1/deployments/{name}" + (f"/replicas/{replica}" if replica else "")
    with house(options) as here:
        here.post(f"{path}/restart")
    say(f"{name} is being restarted; `tulou deployments list` shows how far it is")


@deployments.command
def delete(
    name: str,
    /,
    *,
    force: Annotated[bool, Parameter(negative="", help="End the workers at once, whatever their state.")] = False,
    options: Removing = ASKING,
) -> None:
    """Drain the replicas and remove the deployment; the model stays in the registry."""
    with house(options) as here:
        confirm(of_deployment(here, name), f"delete deployment {name}", options)
        here.delete(f"/api/v1/deployments/{name}", force=str(force).lower())
    say(f"{name} is being removed")


def _called(made: dict[str, Any]) -> str:
    """Return what clients call a deployment, or one of its many models."""
    name, many = made["spec"]["name"], any("*" in one["model"] for one in made["spec"]["upstreams"])
    return f"{name}/MODEL" if many else name


def _upstream(upstream: str, model: str, secret: str) -> dict[str, object]:
    where = {"base_url": upstream} if "://" in upstream else {"upstream": upstream}
    return {**where, "model": model, "secret": secret}


def _warnings(here: HouseClient, name: str) -> list[str]:
    """Return what should be known of the prices of a new deployment; who may not see prices is told nothing."""
    try:
        return [finding.text for finding in price_findings(here, deployment=name)]
    except TulouError:
        return []


def _change(name: str, body: dict[str, object], options: Changing) -> None:
    with house(options) as here:
        changed = here.patch(f"/api/v1/deployments/{name}", {"name": name, **body})
    show(changed, as_json=options.json, rows=[_row(changed, {})], columns=["DEPLOYMENT", "STATE", "WHY"])


def _row(item: dict[str, Any], replica: dict[str, Any]) -> dict[str, object]:
    return {
        "DEPLOYMENT": item["spec"]["name"],
        "STATE": item["state"],
        "ENGINE": item["engine"],
        "REPLICA": replica.get("id", "-"),
        "IS": replica.get("state", "-"),
        "SINCE": ago(replica.get("since", item["since"])),
        "WHY": replica.get("why", item["why"]),
    }


def _until_ready(here: HouseClient, name: str, within_s: float) -> dict[str, Any]:
    deadline = time.monotonic() + within_s
    while True:
        item = here.get(f"/api/v1/deployments/{name}")
        if item["state"] == "ready":
            return item
        if item["state"] == "failed":
            raise InvalidError(f"{name} has failed: {item['why']}; mend it, or `tulou deployments delete {name}`")
        if time.monotonic() > deadline:
            raise DeadlineError(f"{name} is {item['state']} after {within_s:.0f} s: {item['why']}")
        time.sleep(POLL_S)
