"""What a change of one key costs a house with many: a whole house, whose table of keys is filled beside it.

`python -m benchmarks.house.keys [--keys 1000 10000 100000] [--trees TREE ...] [--rounds 10]`. Each round makes a key,
revokes it; each is timed from the call until the last of two gateways has put it in force, and both together take the
processor time that control and gateways took. `--trees` measures the sources of several trees in turns.
"""

import argparse
import secrets
import sqlite3
import time
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path

import httpx2

from benchmarks.house.many import Costs, filled, measured

SETTINGS = "[identity]\nmax_keys = 1000000\n"


def seed(count: int, directory: Path) -> None:
    """Put keys into the table of a house that is not running."""
    names = "id, name, prefix, digest, tenant, principal, scopes, models, created_at, created_by, project"
    same = ("sk-tulou-", "default", "admin", '["inference"]', '["*"]', time.time(), "admin", "default")
    rows = ((f"key_{number:020}", f"team {number}", same[0], _digest(number), *same[1:]) for number in range(count))
    with closing(sqlite3.connect(directory / "tulou.db")) as database, database:
        database.executemany(f"INSERT INTO identity_keys ({names}) VALUES (?{', ?' * 10})", rows)  # noqa: S608 - ours


def _digest(number: int) -> str:
    return sha256(f"{number} {secrets.token_hex(8)}".encode()).hexdigest()


def make(http: httpx2.Client) -> str:
    """Make a key."""
    made = http.post("/api/v1/keys", json={"name": "new"}).raise_for_status().json()
    return f"/api/v1/keys/{made['key']['id']}"


def measure(count: int, *, tree: Path, rounds: int) -> Costs:
    """Run a house of a tree's sources with so many keys."""
    sources = {"PYTHONPATH": str(tree.resolve() / "src")}
    with filled(SETTINGS, partial(seed, count), "keys", count, sources) as (house, gateways):
        return measured(house, gateways, make, rounds=rounds)


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
                f"| {count:,} | {tree} | {costs.made * 1000:,.0f} | {costs.deleted * 1000:,.0f} | "
                f"{costs.control * 1000:,.1f} | {costs.gateway * 1000:,.1f} | {costs.told:,} | "
                f"{costs.resident / 2**20:,.0f} | {costs.idle * 100:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
