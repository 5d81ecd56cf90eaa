"""Fills a house over its REST routes with one of each thing that it keeps; the same requests in every version."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from tests.guards.houses.vendor import CREDENTIAL, MODEL
from tests.system.house import House, until

REQUESTS, REQUESTS_LIMIT = 12, 40
"""How many requests a house has answered when it is stored, and how many its limit allows a key in a month."""

CHAT = {"model": "large", "messages": [{"role": "user", "content": "Is it still there?"}]}
KEYS = (("ana", "acme"), ("app", "other"), ("old", "acme"))
PRINCIPALS = {"ana": "developer", "bo": "auditors"}
POLICY = """@reason("nobody uses what is hidden")
forbid (principal, action == Action::"models:use", resource)
when { resource.name == "hidden" };"""
DOCUMENT = """version: 1
routes:
  - {model: assistant, shares: [{deployment: large, weight: 1}], fallbacks: [large]}
"""


@dataclass(frozen=True)
class Left:
    """Secrets of keys (of a person, of another tenant, one that was revoked), and the id of a response."""

    ana: str
    other: str
    revoked: str
    response: str


def furnish(house: House, vendor: str, weights: Path) -> Left:
    """Fill an empty house; what is asked of the vendor is asked twelve times."""
    with house.client() as http:
        _tenancy(http)
        ana, other, revoked = (_key(http, name, tenant) for name, tenant in KEYS)
        _laws(http)
        _traffic(http, vendor)
        _model(http, weights)
        _revisions(http)
        _revoke(http, "old")
    house.wait_for_models("large")
    house.wait_for_snapshot("assistant")
    with house.client(ana) as http:
        until(lambda: http.get("/v1/models").status_code == 200, what="the key at the gate")
        for model in ("large", "assistant"):
            for _ in range(5):
                done(http.post("/v1/chat/completions", json={**CHAT, "model": model}))
        return Left(ana, other, revoked, _left(http))


def _tenancy(http: httpx2.Client) -> None:
    for tenant in ("acme", "other"):
        done(http.put(f"/api/v1/tenants/{tenant}", json={"title": tenant.title()}))
        done(http.put(f"/api/v1/projects/{tenant}/web", json={"title": "Web"}))
    done(http.put("/api/v1/roles/auditors", json={"title": "Auditors", "permissions": ["audit:read"]}))
    for name, role in PRINCIPALS.items():
        person = {"email": f"{name}@example.com", "roles": [{"role": role}], "attributes": {"team": "core"}}
        done(http.put(f"/api/v1/principals/acme/{name}", json=person))
    app = {"kind": "service", "roles": [{"role": "developer"}]}
    done(http.put("/api/v1/principals/other/app", json=app))


def _key(http: httpx2.Client, name: str, tenant: str) -> str:
    principal = {"ana": "ana", "old": "ana", "app": "app"}[name]
    asked = {"name": name, "tenant": tenant, "project": "web", "principal": principal, "scopes": ["inference"]}
    return str(done(http.post("/api/v1/keys", json=asked))["secret"])


def _laws(http: httpx2.Client) -> None:
    done(http.put("/api/v1/policies/hidden", json={"text": POLICY, "description": "for later"}))
    for name, limit in {
        "requests": {"scope": "key", "measure": "requests", "amount": REQUESTS_LIMIT, "period": "month"},
        "tokens": {"scope": "tenant", "measure": "tokens", "amount": 1_000_000, "period": "month"},
        "money": {"scope": "tenant", "measure": "cost", "amount": 100, "period": "month"},
        "minutes": {"scope": "project", "measure": "requests", "amount": 1_000, "period": "minute"},
    }.items():
        done(http.put(f"/api/v1/limits/{name}", json=limit))
    for model in ("large", "assistant", MODEL):  # by what was asked for, and by what answered: versions differ in it
        done(http.put("/api/v1/prices", json={"model": model, "input": 5.0, "output": 20.0, "request": 100.0}))


def _traffic(http: httpx2.Client, vendor: str) -> None:
    done(
        http.put(
            "/api/v1/upstreams/account",
            json={"provider": "openai", "base_url": vendor, "capabilities": ["chat", "stream"]},
        )
    )
    done(http.post("/api/v1/upstreams/account/credentials", json={"name": "main", "secret": CREDENTIAL}))
    deployment = {"name": "large", "task": "chat", "upstreams": [{"upstream": "account", "model": MODEL}]}
    done(http.post("/api/v1/deployments", json=deployment))


def _model(http: httpx2.Client, weights: Path) -> None:
    """Publish two versions of a model, which is a job each."""
    for alias in ("stable", "canary"):
        asked = {"model": "tiny", "path": str(weights), "aliases": [alias], "description": f"for {alias}"}
        job = str(done(http.post("/api/v1/models/import", json=asked))["job"])
        until(lambda job=job: _ended(http, job), what="an import")


def _ended(http: httpx2.Client, job: str) -> bool:
    found = done(http.get(f"/api/v1/jobs/{job}"))
    assert found["state"] != "failed", found
    return found["state"] == "succeeded"


def _revisions(http: httpx2.Client) -> None:
    for text in (DOCUMENT, DOCUMENT.replace("weight: 1", "weight: 3")):
        done(http.post("/api/v1/configuration/apply", json={"text": text, "reason": "as it should be"}))


def _revoke(http: httpx2.Client, name: str) -> None:
    listed: list[dict[str, Any]] = done(http.get("/api/v1/keys", params={"tenant": "acme"}))["items"]
    key = next(one["id"] for one in listed if one["name"] == name)
    done(http.delete(f"/api/v1/keys/{key}"))


def _left(http: httpx2.Client) -> str:
    """Leave a file, a batch with its answers, and a response, whose id is returned."""
    line = {"custom_id": "one", "method": "POST", "url": "/v1/chat/completions", "body": CHAT}
    lines = msgspec.json.encode(line) + b"\n"
    file = done(http.post("/v1/files", data={"purpose": "batch"}, files={"file": ("asked.jsonl", lines)}))["id"]
    asked = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = done(http.post("/v1/batches", json=asked))["id"]
    until(lambda: done(http.get(f"/v1/batches/{batch}"))["status"] == "completed", what="a batch")
    return str(done(http.post("/v1/responses", json={"model": "large", "input": "Stay."}))["id"])


def done(reply: httpx2.Response) -> Any:
    assert reply.is_success, f"{reply.request.method} {reply.request.url}: {reply.status_code} {reply.text}"
    return reply.json() if reply.content else None
