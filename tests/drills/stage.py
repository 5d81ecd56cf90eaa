"""A house with a vendor and two tenants who use the same deployments, and the processes that act on it."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.drills.field import SHARED, Field
from tests.drills.lags import watching
from tests.drills.size import Size, interpreter
from tests.system.house import House, until

PRICE = {"input": 2.0, "output": 10.0}
"""Money a million tokens: so a request costs 2 x input + 10 x output millionths."""
FEW = {f"TULOU_{name}": "30" for name in ("IDENTITY__MAX_KEYS", "IDENTITY__MAX_PRINCIPALS", "LIMITS__MAX_LIMITS")}
"""Caps of a house that a tenant reaches within an attack."""
RED, BLUE = "red", "blue"
PLENTY = 10**9


@contextmanager
def vendor() -> Generator[str]:
    """Run the vendor, and yield its base URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.drills.vendor", str(port)])
    try:
        until(lambda: _listens(port), what="the vendor")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def watched_in(directory: Path) -> Mapping[str, str]:
    """Return the environment in which the gateways of a house in a directory are watched."""
    return watching(lags_of(directory), python_path=os.environ.get("PYTHONPATH", ""))


def lags_of(directory: Path) -> Path:
    """Return where the watch of a house in a directory writes."""
    return directory.with_name(f"{directory.name}-lags")


@contextmanager
def furnished(directory: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Generator[House]:
    """Run a house with two gateways and a deployment at a vendor, which has a price."""
    settings = {"TULOU_HOUSE__GATEWAYS": "2", **FEW, **watched_in(directory), **(environment or {})}
    with vendor() as url, House(directory, *arguments, environment=settings, python=interpreter()) as house:
        with house.client() as http:
            spec = {"name": SHARED, "engine": "remote", "upstreams": [{"base_url": url, "model": "m"}]}
            http.post("/api/v1/deployments", json=spec).raise_for_status()
            http.put("/api/v1/prices", json={"model": SHARED, **PRICE}).raise_for_status()
        house.wait_for_models(SHARED)
        yield house


@dataclass(frozen=True, slots=True)
class Keys:
    """A tenant's key for inference, and its administrator's."""

    tenant: str
    key: str
    admin: str


def settle(house: House, tenant: str) -> Keys:
    """Make a tenant with an administrator, a developer and a limit far away, and wait until the gates know them."""
    with house.client() as operator:
        _put(operator, f"tenants/{tenant}", {"name": tenant})
        boss = {"tenant": tenant, "name": "boss", "kind": "service", "roles": [{"role": "admin"}]}
        _put(operator, f"principals/{tenant}/boss", boss)
        limit = {"name": f"{tenant}-day", "scope": "tenant", "subject": tenant, "tenant": tenant}
        _put(operator, f"limits/{tenant}-day", limit | {"measure": "tokens", "amount": PLENTY, "period": "day"})
        admin = _key(operator, tenant, "boss", ["admin", "inference"])
        key = _key(operator, tenant, "app", ["inference"])
    keys = Keys(tenant, key, admin)
    until(lambda: house.everywhere(lambda http: http.get("/v1/models").is_success, key=key), what=f"{tenant} known")
    return keys


def _put(http: httpx2.Client, path: str, body: Mapping[str, object]) -> None:
    http.put(f"/api/v1/{path}", json=body).raise_for_status()


def _key(http: httpx2.Client, tenant: str, principal: str, scopes: list[str]) -> str:
    asked = {"name": principal, "tenant": tenant, "principal": principal, "scopes": scopes}
    return str(http.post("/api/v1/keys", json=asked).raise_for_status().json()["secret"])


def used(house: House, keys: Keys) -> float:
    """Return how many tokens of its limit a tenant has used."""
    with house.client(keys.admin) as http:
        standings = http.get("/api/v1/limits/standing").raise_for_status().json()["items"]
    return sum(float(item["used"]) for item in standings if item["limit"]["name"] == f"{keys.tenant}-day")


def makes_a_key(house: House, keys: Keys) -> bool:
    """Say whether a tenant's administrator finds room for one more key, which is revoked at once."""
    with house.client(keys.admin) as http:
        made = http.post("/api/v1/keys", json={"name": "one-more"})
        return made.is_success and http.delete(f"/api/v1/keys/{made.json()['key']['id']}").is_success


def field_of(house: House, red: Keys, size: Size) -> Field:
    """Return what an attack is given."""
    control = str(house.standing["control_url"])
    return Field(gate=house.url, control=control, tenant=red.tenant, key=red.key, admin=red.admin, size=size)
