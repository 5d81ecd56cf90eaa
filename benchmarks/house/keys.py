"""What a change of one key costs a house with many: a whole house, whose table of keys is filled beside it.

`python -m benchmarks.house.keys [--keys 1000 10000 100000] [--trees TREE ...] [--rounds 10]`. Each round makes a key,
revokes it; each is timed from the call until the last of two gateways has put it in force, and both together take the
processor time that control and gateways took. `--trees` measures the sources of several trees in turns.
"""

import argparse
import secrets
import sqlite3
import statistics
import time
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import psutil

from benchmarks.house.applied import Gateways, until
from tests.system.house import House

SETTINGS = "[house]\ngateways = 2\n[identity]\nmax_keys = 1000000\n"


@dataclass
class Costs:
    """Medians of seconds; processor seconds of a change; bytes."""

    made: float
    revoked: float
    control: float
    gateway: float
    told: int
    resident: int
    idle: float


def seed(directory: Path, count: int) -> None:
    """Put keys into the table of a house that is not running."""
    names = "id, name, prefix, digest, tenant, principal, scopes, models, created_at, created_by, project"
    same = ("sk-tulou-", "default", "admin", '["inference"]', '["*"]', time.time(), "admin", "default")
    rows = ((f"key_{number:020}", f"team {number}", same[0], _digest(number), *same[1:]) for number in range(count))
    with closing(sqlite3.connect(directory / "tulou.db")) as database, database:
        database.executemany(f"INSERT INTO identity_keys ({names}) VALUES (?{', ?' * 10})", rows)  # noqa: S608 - ours


def _digest(number: int) -> str:
    return sha256(f"{number} {secrets.token_hex(8)}".encode()).hexdigest()


def measure(count: int, *, tree: Path, rounds: int) -> Costs:
    """Run a house with so many keys."""
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "tulou.toml").write_text(SETTINGS)
        environment = {"TULOU_CONFIG": str(directory / "tulou.toml"), "PYTHONPATH": str(tree.resolve() / "src")}
        house = House(directory / "var", "--no-demo", environment=environment)
        with house:
            pass
        seed(house.directory, count)
        for file in house.directory.glob("log/*.log"):
            file.unlink()
        with house:
            gateways = Gateways(house.directory, "keys")
            until(lambda: gateways.count() >= count, what=f"{count} keys in every gateway")
            return _rounds(house, gateways, rounds)


def _rounds(house: House, gateways: Gateways, rounds: int) -> Costs:
    time.sleep(5)
    control, gates = house.control(), house.gateways()
    made: list[float] = []
    revoked: list[float] = []
    began, base = _cpu(control, *gates), gateways.count()
    time.sleep(10)
    idle = sum(_cpu(control, *gates)) - sum(began)
    began = _cpu(control, *gates)
    with house.client() as http:
        for _ in range(rounds):
            at = time.time()
            key = http.post("/api/v1/keys", json={"name": "new"}).raise_for_status().json()["key"]["id"]
            made.append(gateways.until(base + 1, since=at) - at)
            at = time.time()
            http.delete(f"/api/v1/keys/{key}").raise_for_status()
            revoked.append(gateways.until(base, since=at) - at)
    ended = _cpu(control, *gates)
    took = [(after - before) / rounds / 2 for before, after in zip(began, ended, strict=True)]
    return Costs(
        made=statistics.median(made),
        revoked=statistics.median(revoked),
        control=took[0],
        gateway=statistics.mean(took[1:]),
        told=_told(house),
        resident=max(gate.memory_info().rss for gate in gates),
        idle=idle / 10,
    )


def _cpu(*processes: psutil.Process) -> list[float]:
    return [sum(process.cpu_times()[:2]) for process in processes]


def _told(house: House) -> int:
    """Return how many bytes one more gateway is told when a key is made."""
    token = (house.directory / "secrets" / "house-token").read_text().strip()
    url = f"{house.standing['control_url']}/rpc/routing.watch"
    headers = {"authorization": f"Bearer {token}"}
    with (
        house.client() as http,
        httpx2.stream("POST", url, json={"gateway": "bench"}, headers=headers, timeout=60) as reply,
    ):
        lines = (line for line in reply.iter_lines() if line)
        next(lines)
        http.post("/api/v1/keys", json={"name": "one more"}).raise_for_status()
        return len(next(lines))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--trees", type=Path, nargs="+", default=[Path()])
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    print(
        "| keys | tree | made, ms | revoked, ms | control, ms | a gateway, ms | told, bytes | resident, MiB | idle, % |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for count in given.keys:
        for tree in given.trees:
            try:
                costs = measure(count, tree=tree, rounds=given.rounds)
            except TimeoutError as error:
                print(f"| {count:,} | {tree} | {error} |", flush=True)
                continue
            print(
                f"| {count:,} | {tree} | {costs.made * 1000:,.0f} | {costs.revoked * 1000:,.0f} | "
                f"{costs.control * 1000:,.1f} | {costs.gateway * 1000:,.1f} | {costs.told:,} | "
                f"{costs.resident / 2**20:,.0f} | {costs.idle * 100:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
