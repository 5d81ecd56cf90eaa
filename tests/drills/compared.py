"""The tables of two drills side by side: `python -m tests.drills.compared BEFORE AFTER`, each a `hostile.json`."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

HEAD = (
    *("attack", "modest tenant's failed requests", "its p50 ms, quiet / attacked", "its p99 ms, quiet / attacked"),
    *("a gateway grew by MiB", "control grew by MiB", "rows of ledger and audit for so many requests"),
)

Outcome = Mapping[str, Any]


def compared(before: Sequence[Outcome], after: Sequence[Outcome]) -> str:
    """Return a table with a row for each attack that both have; `a -> b` is before and after."""
    known = {each["attack"]: each for each in before}
    rows = [tuple(_row(known[each["attack"]], each)) for each in after if each["attack"] in known]
    lines = (HEAD, ("---",) * len(HEAD), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _row(before: Outcome, after: Outcome) -> Iterator[str]:
    both = (before, after)
    yield str(after["attack"])
    yield _arrow(f"{len(each['failures'])} of {each['under_attack']['requests']}" for each in both)
    for percentile in ("p50", "p99"):
        yield _arrow(f"{each['quiet'][percentile]:.0f} / {each['under_attack'][percentile]:.0f}" for each in both)
    for process in ("gateway_mib", "control_mib"):
        yield _arrow(f"{each[process]:.0f}" for each in both)
    yield _arrow(f"{each['kept']['ledger'] + each['kept']['audit']:,} / {each['asked']:,}" for each in both)


def _arrow(values: Iterator[str]) -> str:
    return " -> ".join(values)


if __name__ == "__main__":
    sys.stdout.write(compared(*(json.loads(Path(name).read_text()) for name in sys.argv[1:3])))
