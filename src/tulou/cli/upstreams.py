"""`tulou upstreams ...` and `tulou credentials ...`."""

import sys
from typing import Annotated, Any

from cyclopts import App, Parameter

from tulou.cli.confirmation import confirm
from tulou.cli.house import HouseClient, house
from tulou.cli.options import ASKING, DEFAULTS, UNEXPLAINED, Changing, Options, Removing
from tulou.cli.output import ago, say, show
from tulou.cli.removal import of_credential, of_upstream
from tulou.kernel.errors import InvalidError

COLUMNS = ["UPSTREAM", "PROVIDER", "ADDRESS", "DIALECT", "CREDENTIALS"]
CREDENTIAL_COLUMNS = ["ID", "UPSTREAM", "NAME", "STATE", "SECRET", "CHANGED", "WHY"]

upstreams = App(name="upstreams", help="Accounts at vendors, and servers of others.")
credentials = App(name="credentials", help="What proves to a vendor who asks; kept sealed and never shown.")

From = Annotated[str, Parameter(help="Where the key is: env://NAME, file://PATH or secret://NAME, as control sees it.")]
Stdin = Annotated[bool, Parameter(negative="", help="Read the key itself from standard input; it is sealed at once.")]


def register(app: App) -> None:
    """Add the commands."""
    app.command(upstreams)
    app.command(credentials)


@upstreams.command
def providers(*, options: Options = DEFAULTS) -> None:
    """List the vendors that are known."""
    with house(options) as here:
        items = here.get("/api/v1/providers")["items"]
    rows = [
        {
            "PROVIDER": item["name"],
            "TITLE": item["title"],
            "DIALECT": item["dialect"],
            "ADDRESS": item["base_url"] or "(yours)",
            "KEY": item["environment"],
        }
        for item in items
    ]
    show(items, as_json=options.json, rows=rows, columns=["PROVIDER", "TITLE", "DIALECT", "ADDRESS", "KEY"])


@upstreams.command(name="list")
def list_(*, options: Options = DEFAULTS) -> None:
    """List the upstreams there are, and how their credentials do."""
    with house(options) as here:
        items = here.get("/api/v1/upstreams")["items"]
    show(items, as_json=options.json, rows=[_row(item) for item in items], columns=COLUMNS)


@upstreams.command
def add(  # noqa: PLR0913 - each is an option of the command line
    name: str,
    /,
    *,
    provider: Annotated[str, Parameter(help="Which vendor. [default: the upstream's name]")] = "",
    base_url: Annotated[str | None, Parameter(help="Another address than the vendor's own.")] = None,
    var: Annotated[tuple[str, ...], Parameter(help="What stands in the vendor's address, as region=eu-west-1.")] = (),
    header: Annotated[tuple[str, ...], Parameter(help="A header of each request, as openai-organization=org-1.")] = (),
    path: Annotated[tuple[str, ...], Parameter(help="Where an endpoint lies, as rerank=/v2/rerank.")] = (),
    dialect: Annotated[str | None, Parameter(help="openai, responses, anthropic, gemini or bedrock.")] = None,
    auth: Annotated[
        str | None, Parameter(help="bearer, x-api-key, api-key, x-goog-api-key, aws, google or none.")
    ] = None,
    key_from: From = "",
    key_stdin: Stdin = False,
    options: Changing = UNEXPLAINED,
) -> None:
    """Make or replace an upstream, and give it a credential."""
    body: dict[str, object] = {
        "provider": provider or name,
        "base_url": base_url,
        "variables": _pairs("--var", var),
        "headers": [list(pair) for pair in _pairs("--header", header).items()],
        "paths": _pairs("--path", path) or None,
        "dialect": dialect,
        "auth": auth,
    }
    credential = _credential("default", key_from, key_stdin=key_stdin)
    with house(options) as here:
        made = here.put(f"/api/v1/upstreams/{name}", body)
        if credential:
            _add_credential(here, name, credential)
            made = here.get(f"/api/v1/upstreams/{name}")
    show(made, as_json=options.json, rows=[_row(made)], columns=COLUMNS)


@upstreams.command
def remove(name: str, /, *, options: Removing = ASKING) -> None:
    """Remove an upstream and its credentials; deployments that use it lose it at once."""
    with house(options) as here:
        confirm(of_upstream(here, name), f"remove upstream {name}", options)
        here.delete(f"/api/v1/upstreams/{name}")
    say(f"{name} is removed")


@credentials.command(name="list")
def list_credentials(upstream: str = "", /, *, options: Options = DEFAULTS) -> None:
    """List the credentials of an upstream, or all: their state, and the end of each."""
    with house(options) as here:
        items = here.get("/api/v1/upstreams")["items"]
    found = [
        credential for item in items if upstream in ("", item["spec"]["name"]) for credential in item["credentials"]
    ]
    show(found, as_json=options.json, rows=[_credential_row(one) for one in found], columns=CREDENTIAL_COLUMNS)


@credentials.command(name="add")
def add_credential(
    upstream: str,
    /,
    *,
    name: Annotated[str, Parameter(help="What it is called; one of that name is replaced.")] = "default",
    key_from: From = "",
    key_stdin: Stdin = False,
    options: Changing = UNEXPLAINED,
) -> None:
    """Give an upstream another credential; calls take them in turn."""
    credential = _credential(name, key_from, key_stdin=key_stdin)
    if not credential:
        raise InvalidError("say where the key is with --key-from, or give it with --key-stdin")
    with house(options) as here:
        made = _add_credential(here, upstream, credential)
    show(made, as_json=options.json, rows=[_credential_row(made)], columns=CREDENTIAL_COLUMNS)


@credentials.command
def revive(credential: str, /, *, options: Changing = UNEXPLAINED) -> None:
    """Use a credential again that was retired because the vendor refused it."""
    with house(options) as here:
        made = here.post(f"/api/v1/credentials/{credential}/revive")
    show(made, as_json=options.json, rows=[_credential_row(made)], columns=CREDENTIAL_COLUMNS)


@credentials.command(name="remove")
def remove_credential(credential: str, /, *, options: Removing = ASKING) -> None:
    """Use a credential no more, by its id; a sealed one comes back by a rollback for a while."""
    with house(options) as here:
        confirm(of_credential(here, credential), f"remove credential {credential}", options)
        here.delete(f"/api/v1/credentials/{credential}")
    say(f"{credential} is removed")


def _credential(name: str, reference: str, *, key_stdin: bool) -> dict[str, object]:
    """Return what is sent of a credential; a key never stands on the command line, which others can see."""
    if reference and key_stdin:
        raise InvalidError("--key-from and --key-stdin exclude one another")
    if reference:
        return {"name": name, "reference": reference}
    return {"name": name, "secret": sys.stdin.read().strip()} if key_stdin else {}


def _add_credential(here: HouseClient, upstream: str, credential: dict[str, object]) -> Any:
    return here.post(f"/api/v1/upstreams/{upstream}/credentials", credential)


def _pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator:
            raise InvalidError(f"{option} {name!r}: write NAME=VALUE")
        pairs[name] = value
    return pairs


def _row(item: dict[str, Any]) -> dict[str, object]:
    states = [credential["state"] for credential in item["credentials"]]
    counts = [f"{states.count(state)} {state}" for state in ("active", "cooling", "retired") if state in states]
    return {
        "UPSTREAM": item["spec"]["name"],
        "PROVIDER": item["spec"]["provider"],
        "ADDRESS": item["provider"]["base_url"],
        "DIALECT": item["provider"]["dialect"],
        "CREDENTIALS": ", ".join(counts) or "none",
    }


def _credential_row(item: dict[str, Any]) -> dict[str, object]:
    return {
        "ID": item["id"],
        "UPSTREAM": item["upstream"],
        "NAME": item["name"],
        "STATE": item["state"],
        "SECRET": item["reference"] or f"...{item['hint']}",
        "CHANGED": ago(item["changed_at"]),
        "WHY": item["why"],
    }
