"""What a change of one limit costs a house with many: a whole house, whose tables are filled beside it.

`python -m benchmarks.house.limits [--limits 1000 10000 100000] [--rounds 10]`: one budget a key, for as many keys as
limits, and two gateways. Each round puts a limit and deletes it; each is timed from the call until the last gateway has
it in force.
"""

import argparse
import sqlite3
import statistics
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import psutil

from benchmarks.house.applied import Gateways, until
from tests.system.house import House

SETTINGS = "[house]\ngateways = 2\n[limits]\nmax_limits = 1000000\n"
NEW = {"scope": "key", "subject": "key_new", "measure": "cost", "amount": 5.0, "period": "month"}


@dataclass
class Costs:
    """Medians of seconds; processor seconds of a change; bytes."""

    put: float
    deleted: float
    control: float
    gateway: float
    told: int
    kept: int
    resident: int
    control_resident: int
    idle: float


def seed(directory: Path, count: int) -> None:
    """Put limits into the table of a house that is not running."""
    names = "name, tenant, scope, subject, measure, amount, period, models, edge, away, warn_at, made_at"
    same = ("cost", 10.0, "month", '["*"]', "hard", "local_share", "[0.8]", time.time())
    rows = ((f"budget-{number:020}", "default", "key", f"key_{number:020}", *same) for number in range(count))
    with closing(sqlite3.connect(directory / "tulou.db")) as database, database:
        database.executemany(f"INSERT INTO limits_limits ({names}) VALUES (?{', ?' * 11})", rows)  # noqa: S608 - ours


def measure(count: int, *, rounds: int) -> Costs:
    """Run a house with so many limits."""
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "tulou.toml").write_text(SETTINGS)
        house = House(directory / "var", "--no-demo", environment={"TULOU_CONFIG": str(directory / "tulou.toml")})
        with house:
            pass
        seed(house.directory, count)
        for file in house.directory.glob("log/*.log"):
            file.unlink()
        with house:
            gateways = Gateways(house.directory, "limits")
            until(lambda: gateways.count() >= count, what=f"{count} limits in every gateway")
            return _rounds(house, gateways, rounds)


def _rounds(house: House, gateways: Gateways, rounds: int) -> Costs:
    time.sleep(5)
    control, gates = house.control(), house.gateways()
    put: list[float] = []
    deleted: list[float] = []
    began, base = _cpu(control, *gates), gateways.count()
    time.sleep(10)
    idle = sum(_cpu(control, *gates)) - sum(began)
    began, kept = _cpu(control, *gates), _kept(house)
    with house.client() as http:
        for _ in range(rounds):
            at = time.time()
            http.put("/api/v1/limits/new", json={"name": "new", **NEW}).raise_for_status()
            put.append(gateways.until(base + 1, since=at) - at)
            at = time.time()
            http.delete("/api/v1/limits/new").raise_for_status()
            deleted.append(gateways.until(base, since=at) - at)
    ended = _cpu(control, *gates)
    took = [(after - before) / rounds / 2 for before, after in zip(began, ended, strict=True)]
    return Costs(
        put=statistics.median(put),
        deleted=statistics.median(deleted),
        control=took[0],
        gateway=statistics.mean(took[1:]),
        told=_told(house),
        kept=(_kept(house) - kept) // (2 * rounds * len(gates)),
        resident=max(gate.memory_info().rss for gate in gates),
        control_resident=control.memory_info().rss,
        idle=idle / 10,
    )


def _cpu(*processes: psutil.Process) -> list[float]:
    return [sum(process.cpu_times()[:2]) for process in processes]


def _kept(house: House) -> int:
    """Return how many bytes of updates are kept on disk."""
    file = house.directory / "run" / "snapshot.changes"
    return file.stat().st_size if file.exists() else 0


def _told(house: House) -> int:
    """Return how many bytes one more gateway is told when a limit is put."""
    token = (house.directory / "secrets" / "house-token").read_text().strip()
    url = f"{house.standing['control_url']}/rpc/routing.watch"
    headers = {"authorization": f"Bearer {token}"}
    with (
        house.client() as http,
        httpx2.stream("POST", url, json={"gateway": "bench"}, headers=headers, timeout=60) as reply,
    ):
        lines = (line for line in reply.iter_lines() if line)
        while '"more":true' in next(lines):
            pass
        http.put("/api/v1/limits/new", json={"name": "new", **NEW}).raise_for_status()
        return len(next(lines))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limits", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    columns = ("put, ms", "deleted, ms", "control, ms", "a gateway, ms", "told, bytes", "kept, bytes")
    print("|", " | ".join(("limits", *columns, "a gateway, MiB", "control, MiB", "idle, %")), "|")
    print("|---" * 10 + "|")
    for count in given.limits:
        costs = measure(count, rounds=given.rounds)
        print(
            f"| {count:,} | {costs.put * 1000:,.0f} | {costs.deleted * 1000:,.0f} | {costs.control * 1000:,.1f} | "
            f"{costs.gateway * 1000:,.1f} | {costs.told:,} | {costs.kept:,} | {costs.resident / 2**20:,.0f} | "
            f"{costs.control_resident / 2**20:,.0f} | {costs.idle * 100:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
