"""Houses that earlier versions left behind open with everything that was in them."""

import subprocess
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.guards.houses.facts import facts, lost
from tests.guards.houses.furnish import CHAT, REQUESTS, REQUESTS_LIMIT, Left, done
from tests.guards.houses.make import DUMP, STORED
from tests.guards.houses.vendor import vendor
from tests.system.house import PATIENCE_S, House, until
from tulou.testing.servers.postgres import PostgresServer, program

pytestmark = pytest.mark.timeout(2 * PATIENCE_S)

CLOCK = Path(__file__).parent / "houses" / "clock"
VERSIONS = sorted(file.name.removesuffix(".tar.xz") for file in STORED.glob("*.tar.xz"))
LATER_S = 60
SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Python knows it since 3.11.4."""


@dataclass(frozen=True)
class Opened:
    """A stored house that runs again; `before` is what it said when it was stored, `after` what it says at first."""

    house: House
    left: Left
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module", params=VERSIONS)
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[Opened]:
    directory = tmp_path_factory.mktemp("stored") / "house"
    with tarfile.open(STORED / f"{request.param}.tar.xz") as packed:
        packed.extractall(directory, **SAFELY)  # noqa: S202 - made by us, and kept in this repository
    (directory / "secrets").chmod(0o700)
    told = msgspec.json.decode((directory / "facts.json").read_bytes())
    left = msgspec.convert(told["left"], Left)
    environment = {
        "PYTHONPATH": str(CLOCK),
        "TULOU_HOUSE__GATEWAYS": "1",
        "TULOU_CLOCK_OFFSET_S": str(int(told["at"] - time.time()) + LATER_S),
    }
    if (directory / DUMP).exists():
        environment["TULOU_PORTS__DATABASE"] = restored(postgres, directory / DUMP, f"stored_{request.param}")
    with House(directory, "--no-demo", environment=environment) as house:
        yield Opened(house, left, told["facts"], dict(facts(house, left)))


def restored(postgres: PostgresServer, dump: Path, name: str) -> str:
    """Load a dump into a new database; return its URL."""
    url = postgres.new_database(name.replace("-", "_"))
    command = [program("psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), url]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
    return url


def test_both_kinds_of_database_are_stored() -> None:
    assert {name.rpartition("-")[2] for name in VERSIONS} == {"sqlite", "postgres"}
    assert len(VERSIONS) >= 4


def test_everything_that_was_in_a_house_is_there(opened: Opened) -> None:
    assert lost(opened.before, opened.after) == []


def test_the_sums_of_the_ledger_are_what_they_were(opened: Opened) -> None:
    (usage,) = (place for place in opened.before if place.startswith("usage"))
    before, after = (
        {(row["start"], *row["group"]): (row["requests"], row["cost"], row["units"]["input"]) for row in report["rows"]}
        for report in (opened.before[usage], opened.after[usage])
    )
    assert after == before
    assert sum(requests for requests, _, _ in after.values()) == REQUESTS
    assert all(cost for _, cost, _ in after.values())


def test_the_trail_is_whole(opened: Opened) -> None:
    with opened.house.client() as http:
        verdict = done(http.get("/api/v1/audit/verify"))
        records = done(http.get("/api/v1/audit?limit=500"))["items"]
    assert (verdict["intact"], verdict["records"]) == (True, len(records)), verdict


def test_the_model_is_what_was_signed(opened: Opened) -> None:
    with opened.house.client() as http:
        assert done(http.post("/api/v1/models/tiny/versions/1/verify", json={}))["valid"]


def test_keys_are_known_and_revoked_ones_stay_so(opened: Opened) -> None:
    for secret, status in ((opened.left.ana, 200), (opened.left.other, 200), (opened.left.revoked, 401)):
        with opened.house.client(secret) as http:
            assert http.get("/v1/models").status_code == status


def test_limits_count_on_and_the_sealed_credential_opens_the_account(opened: Opened) -> None:
    with vendor() as url, opened.house.client() as admin, opened.house.client(opened.left.ana) as http:
        account = {"provider": "openai", "base_url": url, "capabilities": ["chat", "stream"]}
        done(admin.put("/api/v1/upstreams/account", json=account))
        until(lambda: http.post("/v1/chat/completions", json=CHAT).is_success, what="an answer of the vendor")
        answered = 1
        while (reply := http.post("/v1/chat/completions", json=CHAT)).is_success:
            answered += 1
        assert reply.status_code == 429
        assert answered == REQUESTS_LIMIT - REQUESTS


def test_a_revision_of_then_comes_back(opened: Opened) -> None:
    with opened.house.client() as http:
        revisions = done(http.get("/api/v1/configuration/revisions"))["items"]
        first = min(one["number"] for one in revisions if one["source"] == "apply")
        done(http.post("/api/v1/configuration/rollback", json={"revision": first, "only": ["routes/assistant"]}))
        routes = {route["model"]: route for route in done(http.get("/api/v1/routes"))["items"]}
    assert routes["assistant"]["shares"] == [{"deployment": "large", "weight": 1.0}]
