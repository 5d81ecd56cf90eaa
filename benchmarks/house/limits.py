"""What a change of one limit costs a house with many: a whole house, whose tables are filled beside it.

`python -m benchmarks.house.limits [--limits 1000 10000 100000] [--rounds 10]`: one budget a key, for as many keys as
limits, and two gateways. Each round puts a limit and deletes it; each is timed from the call until the last gateway has
it in force.
"""

import argparse
import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx2

from benchmarks.house.many import Costs, filled, measured

SETTINGS = "[limits]\nmax_limits = 1000000\n"
PATH = "/api/v1/limits/new"
NEW = {"scope": "key", "subject": "key_new", "measure": "cost", "amount": 5.0, "period": "month"}


def seed(count: int, directory: Path) -> None:
    """Put limits into the table of a house that is not running."""
    names = "name, tenant, scope, subject, measure, amount, period, models, edge, away, warn_at, made_at"
    same = ("cost", 10.0, "month", '["*"]', "hard", "local_share", "[0.8]", time.time())
    rows = ((f"budget-{number:020}", "default", "key", f"key_{number:020}", *same) for number in range(count))
    with closing(sqlite3.connect(directory / "tulou.db")) as database, database:
        database.executemany(f"INSERT INTO limits_limits ({names}) VALUES (?{', ?' * 11})", rows)  # noqa: S608 - ours


def make(http: httpx2.Client) -> str:
    """Put a limit."""
    http.put(PATH, json={"name": "new", **NEW}).raise_for_status()
    return PATH


def measure(count: int, *, rounds: int) -> Costs:
    """Run a house with so many limits."""
    with filled(SETTINGS, partial(seed, count), "limits", count) as (house, gateways):
        return measured(house, gateways, make, rounds=rounds)


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
            f"| {count:,} | {costs.made * 1000:,.0f} | {costs.deleted * 1000:,.0f} | {costs.control * 1000:,.1f} | "
            f"{costs.gateway * 1000:,.1f} | {costs.told:,} | {costs.kept:,} | {costs.resident / 2**20:,.0f} | "
            f"{costs.control_resident / 2**20:,.0f} | {costs.idle * 100:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
