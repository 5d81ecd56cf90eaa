"""What a house says of what is in it, and whether a later one still says so."""

from collections.abc import Mapping
from typing import Any, cast

from tests.guards.houses.furnish import Left, done
from tests.system.house import House

Facts = Mapping[str, Any]

ADMINISTRATION = (
    *("tenants", "projects?tenant=acme", "projects?tenant=other", "principals?tenant=acme", "principals?tenant=other"),
    *("roles", "policies", "keys?tenant=acme&revoked=true", "keys?tenant=other", "limits", "prices"),
    *("upstreams", "upstreams/account/credentials", "deployments", "routes", "models", "models/tiny/versions", "jobs"),
    *("configuration/revisions", "audit?oldest_first=true&limit=500", "ledger?limit=1000"),
    "usage?bucket=all&start=1700000000&end=2300000000&group_by=tenant&group_by=model",
)
OWN = ("files", "batches")
"""What the key of a project sees under `/v1`."""

MOVES = frozenset({"state", "replicas", "why", "since"})
"""Fields of what goes on by itself: a deployment that starts."""


def facts(house: House, left: Left) -> Facts:
    """Return what the house answers to its administrator, and to the key that left something."""
    with house.client() as http:
        found = {path: done(http.get(f"/api/v1/{path}")) for path in ADMINISTRATION}
    with house.client(left.ana) as http:
        own = (*OWN, f"responses/{left.response}")
        found |= {path: done(http.get(f"/v1/{path}")) for path in own}
        for file in found["files"]["data"]:
            found[file["id"]] = http.get(f"/v1/files/{file['id']}/content").raise_for_status().text
    return found


def lost(before: object, after: object, place: str = "") -> list[str]:
    """Return the places of what was said before and is not any more; what is new is nobody's loss."""
    if isinstance(before, dict) and isinstance(after, dict):
        there = cast("dict[str, object]", after)
        return [
            gone
            for name, value in cast("dict[str, object]", before).items()
            if name not in MOVES
            for gone in (lost(value, there[name], f"{place}.{name}") if name in there else [f"{place}.{name}"])
        ]
    if isinstance(before, list) and isinstance(after, list):
        candidates = cast("list[object]", after)
        return [
            f"{place}[{number}]: {item}"
            for number, item in enumerate(cast("list[object]", before))
            if all(lost(item, one) for one in candidates)
        ]
    return [] if before == after else [f"{place}: {before!r} -> {after!r}"]
