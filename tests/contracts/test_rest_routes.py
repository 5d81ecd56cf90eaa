"""The routes of jobs and registry, in one app over HTTP: what an administrator, or the console, sees."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.contracts.bindings import opened
from tulou.chassis.rest import rest_app
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.contracts.jobs.api import Jobs
from tulou.http.server.server import serving
from tulou.ports.converter import Converter
from tulou.ports.exporter import Exporter
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.http import router as jobs_routes
from tulou.services.jobs.settings import JobsSettings
from tulou.services.registry.component import COMPONENT as REGISTRY
from tulou.services.registry.http import router as registry_routes
from tulou.services.registry.service import RegistryService
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.tests.conftest import publication
from tulou.services.registry.tests.fakes import CopyingConverter, CopyingExporter
from tulou.testing.house import SmallHouse
from tulou.testing.http import http_client


async def anybody(_: Authenticate) -> Identified:
    return Identified(key="key_1", tenant="default", principal="ana", scopes=("admin",))


@pytest.fixture
async def jobs(house: SmallHouse) -> AsyncGenerator[Jobs]:
    async with opened(JOBS, house, "direct", {JobsSettings: JobsSettings()}) as service:
        yield service


@pytest.fixture
async def registry(house: SmallHouse, jobs: Jobs) -> AsyncGenerator[RegistryService]:
    things = {
        Jobs: jobs,
        Converter: CopyingConverter(),
        Exporter: CopyingExporter(),
        RegistrySettings: RegistrySettings(),
    }
    async with opened(REGISTRY, house, "direct", things) as service:
        yield service


@pytest.fixture
async def client(jobs: Jobs, registry: RegistryService) -> AsyncGenerator[httpx2.AsyncClient]:
    app = rest_app([jobs_routes(jobs), registry_routes(registry)], authenticate=anybody)
    headers = {"x-api-key": "any"}
    async with serving(app) as url, http_client(f"{url}/api/v1", headers=headers) as http:
        yield http


async def test_models_versions_and_aliases(
    client: httpx2.AsyncClient, registry: RegistryService, house: SmallHouse
) -> None:
    for content in (b"one", b"two"):
        await registry.publish(await publication(house, content))
    assert (await client.get("/models")).json()["items"][0]["aliases"] == {"stable": 2}
    versions = (await client.get("/models/demo/versions", params={"limit": 1})).json()
    assert (versions["items"][0]["number"], versions["next"]) == (2, 2)
    moved = await client.put("/models/demo/aliases/canary", json={"version": 1})
    assert moved.json()["aliases"] == {"canary": 1, "stable": 2}
    one = (await client.get("/models/demo/versions/canary")).json()
    assert (one["number"], one["facts"]["format"], one["created_by"]) == (1, "gguf", "")
    verified = await client.post("/models/demo/versions/1/verify")
    assert verified.json() == {"model": "demo", "version": 1, "valid": True, "problems": []}
    held = await client.delete("/models/demo/versions/1")
    assert (held.status_code, held.json()["error"]["code"]) == (409, "conflict")
    assert (await client.delete("/models/demo/aliases/canary")).status_code == 204
    assert (await client.delete("/models/demo/versions/1")).status_code == 204
    gone = await client.get("/models/demo/versions/1")
    assert (gone.status_code, gone.json()["error"]["param"]) == (404, "reference")
    assert (await client.get("/models/demo")).json()["versions"] == 1


async def test_an_import_is_a_job_that_can_be_seen_and_cancelled(client: httpx2.AsyncClient, tmp_path: Path) -> None:
    weights = tmp_path / "small.gguf"
    weights.write_bytes(b"GGUF Q8_0 weights")
    started = await client.post("/models/import", json={"path": str(weights), "model": "small"})
    assert started.status_code == 202
    job = started.json()["job"]
    shown = (await client.get(f"/jobs/{job}")).json()
    assert (shown["kind"], shown["state"], shown["created_by"]) == ("registry.import", "queued", "ana")
    assert (await client.post(f"/jobs/{job}/cancel")).json()["state"] == "cancelled"
    listed = await client.get("/jobs", params={"kind": "registry.import", "state": "cancelled"})
    assert [item["id"] for item in listed.json()["items"]] == [job]
    refused = await client.post("/models/import", json={"path": "/no/such.gguf", "model": "small"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "path")


async def test_wrong_parameters_are_named(client: httpx2.AsyncClient) -> None:
    for path, param in (
        ("/jobs?limit=0", "limit"),
        ("/jobs?state=odd", "state"),
        ("/models?limit=x", "limit"),
        ("/models/m/versions?after=9223372036854775808", "after"),
        ("/models/m/versions?after=-9223372036854775809", "after"),
    ):
        reply = await client.get(path)
        assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)


async def test_the_signing_key_is_there_for_everybody_who_verifies(client: httpx2.AsyncClient) -> None:
    key = (await client.get("/signing-key")).json()
    assert key["algorithm"] == "ed25519"
    assert load_pem_public_key(key["pem"].encode())
