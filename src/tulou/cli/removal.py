"""What goes with what a command removes, as far as the caller may see it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tulou.cli.house import HouseClient
from tulou.cli.output import size
from tulou.cli.paging import pages
from tulou.cli.promotion import served
from tulou.kernel.errors import ForbiddenError

DAYS = "for 30 days, unless [identity] keep_deleted_days says otherwise"


def of_tenant(here: HouseClient, name: str) -> list[str]:
    """Return what a tenant has."""
    projects = _items(here, "/api/v1/projects", tenant=name)
    counts = f"{len(projects)} projects, {_count(here, 'principals', tenant=name)} people and programs"
    return [f"- tenant {name}: {counts}, {_count(here, 'keys', tenant=name)} valid keys"]


def of_project(here: HouseClient, tenant: str, name: str) -> list[str]:
    """Return what a project has."""
    count = _count(here, "keys", tenant=tenant, project=name)
    return [f"- project {tenant}/{name}: {count} valid keys, and the roles that are held at it"]


def of_person(here: HouseClient, tenant: str, name: str, *, for_ever: bool = False) -> list[str]:
    """Return what ends with a principal."""
    keys = _count(here, "keys", tenant=tenant, principal=name)
    back = "nothing of it comes back" if for_ever else f"a rollback brings it back, its keys disabled, {DAYS}"
    lost = "" if for_ever else "; password, second factor and sessions do not come back"
    return [f"- principal {tenant}/{name}: {keys} keys end at once; {back}{lost}"]


def of_key(here: HouseClient, key: str) -> list[str]:
    """Return which key ends."""
    found = here.get(f"/api/v1/keys/{key}")
    whose = f"{found['tenant']}/{found['principal']}, project {found['project']}"
    return [f"- key {found['name']!r} ({found['prefix']}...) of {whose}: it ends for ever, nothing brings it back"]


def of_upstream(here: HouseClient, name: str) -> list[str]:
    """Return what uses an upstream, and which credentials go with it."""
    found = here.get(f"/api/v1/upstreams/{name}")
    sealed = sum(not one["reference"] for one in found["credentials"])
    using = [one["spec"]["name"] for one in _items(here, "/api/v1/deployments") if _uses(one, name)]
    loses = f"; {', '.join(using)} lose it at once" if using else ""
    back = f", of which {sealed} sealed ones come back by a rollback {DAYS}" if sealed else ""
    return [f"- upstream {name}: {len(found['credentials'])} credentials{back}{loses}"]


def of_credential(here: HouseClient, credential: str) -> list[str]:
    """Return which credential goes."""
    items = _items(here, "/api/v1/upstreams")
    found = [one for item in items for one in item["credentials"] if one["id"] == credential]
    return [_credential(one) for one in found]


def of_version(here: HouseClient, model: str, number: int) -> list[str]:
    """Return what a version holds, and which deployments serve it."""
    found = here.get(f"/api/v1/models/{model}/versions/{number}")
    serving = [one["spec"]["name"] for one in served(here, model) if one["version"] == number]
    held = size(sum(file["size"] for file in found["files"]))
    risk = f"; {', '.join(serving)} serves it, and could not start again" if serving else ""
    return [f"- {model} version {number}: {held} of files go for ever, unless another version holds them{risk}"]


def of_limit(here: HouseClient, name: str) -> list[str]:
    """Return what a limit holds back."""
    found = [one for one in _items(here, "/api/v1/limits") if one["name"] == name]
    about = (f" of {one['scope']} {one['subject'] or '(each)'}: {one['amount']:g} {one['measure']}" for one in found)
    return [f"- limit {name}{next(about, '')}; nothing is held back by it from now on, a rollback brings it back"]


def of_policy(here: HouseClient, name: str) -> list[str]:
    """Return what a policy does now."""
    state = [one for one in _items(here, "/api/v1/policies") if one["name"] == name]
    idle = bool(state) and not state[0]["enabled"]
    what = "it decides nothing" if idle else "what it forbids may be permitted at once, and the other way round"
    return [f"- policy {name}: {what}; a rollback brings it back"]


def of_price(model: str, provider: str, since: float) -> list[str]:
    """Return what a price is for."""
    when = f" since {datetime.fromtimestamp(since, UTC):%Y-%m-%d}" if since else ""
    what = "what it would have priced is priced by the list that came with the house, or costs nothing"
    return [f"- price of {model}{f' at {provider}' if provider else ''}{when}: {what}; a rollback brings it back"]


def of_role(here: HouseClient, name: str) -> list[str]:
    """Return what a role permits."""
    found = [one for one in _items(here, "/api/v1/roles") if one["name"] == name]
    permits = " ".join(found[0]["permissions"]) if found else "what it permits"
    return [f"- role {name}: who holds it loses {permits} at once; a rollback brings it back"]


def of_deployment(here: HouseClient, name: str) -> list[str]:
    """Return what runs of a deployment."""
    found = here.get(f"/api/v1/deployments/{name}")
    running = sum(one["state"] == "running" for one in found["replicas"])
    return [
        f"- deployment {name}: {running} running replicas; clients get 404; the model stays, a rollback serves again"
    ]


def _credential(one: dict[str, Any]) -> str:
    which = f"- credential {one['name']!r} of upstream {one['upstream']}"
    return which if one["reference"] else f"{which}: it is sealed, and comes back by a rollback {DAYS}"


def _uses(deployment: dict[str, Any], upstream: str) -> bool:
    return any(one["upstream"] == upstream for one in deployment["spec"]["upstreams"])


def _count(here: HouseClient, noun: str, **filters: str) -> str:
    try:
        return str(len(pages(here, f"/api/v1/{noun}", **filters)))
    except ForbiddenError:
        return "unknown"


def _items(here: HouseClient, path: str, **filters: str) -> Sequence[dict[str, Any]]:
    try:
        return here.get(path, **filters)["items"]
    except ForbiddenError:
        return ()
