"""Does the ledger count every entry once, whatever is killed? Two writers and what ingests, under kill -9.

`python -m benchmarks.metering.drill [--entries 100000] [--every 1.0] [--postgres]`. The whole house is drilled by
`tests/drills`; this one leaves out all but the ledger, and so gets to more moments in less time. Ends with
1 when an entry is missing, is there twice, or a sum is wrong.
"""

import argparse
import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.integration.ledger.drill import drill
from tulou.kernel.context import as_house
from tulou.testing.servers.postgres import postgres_server


@contextmanager
def database(directory: Path, *, postgres: bool) -> Generator[str]:
    """Yield the URL of an empty database."""
    if not postgres:
        yield f"sqlite:///{directory}/tulou.db"
        return
    with postgres_server() as server:
        yield server.new_database("drill")


def main() -> None:
    """Drill, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--per-second", type=float, default=1_500.0, help="of each writer")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between kills, on average")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="tulou-drill-") as name, database(Path(name), postgres=options.postgres) as url:
        work = drill(
            Path(name), url, entries=options.entries, per_second=options.per_second, kill_every_s=options.every
        )
        with as_house("a measurement"):
            outcome = asyncio.run(work)
    for field in outcome.__dataclass_fields__:
        print(f"{field:>16}: {getattr(outcome, field)}")
    sys.exit(0 if outcome.good else 1)


if __name__ == "__main__":
    main()
