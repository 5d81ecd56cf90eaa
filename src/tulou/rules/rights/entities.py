"""Subjects and resources as Cedar knows them."""

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from tulou.contracts.governance.messages import Attribute, Resource, Subject

Json = dict[str, object]

MODEL = "model"


def uid(kind: str, name: str) -> dict[str, str]:
    """Return the reference to an entity."""
    return {"type": kind, "id": name}


def principal_of(subject: Subject) -> dict[str, str]:
    """Return the reference to who asks: `Principal::"north/ana"`."""
    return uid("Principal", f"{subject.tenant}/{subject.principal}")


def resource_of(resource: Resource) -> dict[str, str]:
    """Return the reference to what is asked about: `Model::"tulou-demo"`, or `Resource::"key/key_1"`."""
    if resource.kind == MODEL:
        return uid("Model", resource.name)
    return uid("Resource", f"{resource.kind}/{resource.name}")


def entities_of(subject: Subject, action: str, resource: Resource) -> str:
    """Return the JSON of all entities that a decision looks at."""
    tenant, project = uid("Tenant", subject.tenant), uid("Project", f"{subject.tenant}/{subject.project}")
    verb = action.rpartition(":")[2]
    entities: list[Json] = [
        _principal(subject, tenant, project),
        _resource(resource),
        {"uid": project, "attrs": {}, "parents": [tenant]},
        {"uid": uid("Action", action), "attrs": {}, "parents": [uid("Action", verb)]},
    ]
    return msgspec.json.encode(entities).decode()


def context_of(known: Mapping[str, Attribute]) -> Json:
    """Return what is known of a request in Cedar's JSON; an address that is none is left out."""
    context: Json = {name: value for name, value in known.items() if name != "address"}
    if address := _address(known.get("address")):
        context["address"] = {"__extn": {"fn": "ip", "arg": address}}
    return context


def moment(now: float) -> dict[str, Attribute]:
    """Return what policies may know of the time, all of it UTC: `hour` 0 to 23, `weekday` 1 (Monday) to 7."""
    then = datetime.fromtimestamp(now, UTC)
    return {"at": int(now), "hour": then.hour, "weekday": then.isoweekday()}


def _principal(subject: Subject, tenant: object, project: object) -> Json:
    names = ("tenant", "project", "kind", "key")
    return {
        "uid": principal_of(subject),
        "attrs": {"name": subject.principal, **{name: getattr(subject, name) for name in names}},
        "tags": _tags(subject.attributes),
        "parents": [tenant, project, *(uid("Role", role) for role in subject.roles)],
    }


def _resource(resource: Resource) -> Json:
    attributes = {"name": resource.name, "tenant": resource.tenant}
    if resource.kind != MODEL:
        attributes["kind"] = resource.kind
    parents = [uid("Tenant", resource.tenant)] if resource.tenant and resource.kind != MODEL else []
    return {
        "uid": resource_of(resource),
        "attrs": attributes,
        "tags": _tags(resource.attributes),
        "parents": parents,
    }


def _tags(attributes: Mapping[str, Attribute]) -> dict[str, str]:
    """Return attributes as text: Cedar's tags have one type, so 7 is `"7"` and true is `"true"`."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in attributes.items()}


def _address(given: Attribute | None) -> str:
    try:
        return str(ipaddress.ip_address(str(given).partition("%")[0]))
    except ValueError:
        return ""
