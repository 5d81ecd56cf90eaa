"""Is the gate faster or slower than in another tree? `python benchmarks/gateway/against.py TREE [--rounds 9]`.

`TREE` is a checkout of another commit (`git worktree add TREE COMMIT`). Both gates are asked in turns, so that a
machine that is slow for a while is slow for both; each round gives a ratio, and their median is what says something.
Each tree runs with its own sources and its own idea of what a request passes.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).parents[2]
MEASURE = """
import json, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from contenders import tulou, upstreams
from measure import wrk
with TemporaryDirectory(ignore_cleanup_errors=True) as made:
    folder = Path(made)
    with upstreams(folder, sys.executable), tulou(folder, sys.executable) as gate:
        wrk(gate, "plain", 32, 2, folder)
        loads = {count: wrk(gate, "plain", count, float(sys.argv[1]), folder) for count in (1, 32)}
print(json.dumps({count: (load.per_s, load.per_core) for count, load in loads.items()}))
"""


def measured(tree: Path, seconds: float) -> dict[str, tuple[float, float]]:
    """Return requests/s, of all and a core, by connections."""
    paths = os.pathsep.join(map(str, (tree / "src", tree / "benchmarks" / "gateway")))
    command = [sys.executable, "-c", MEASURE, str(seconds)]
    told = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, check=True, stdout=subprocess.PIPE)
    return json.loads(told.stdout.splitlines()[-1])


def main() -> None:
    """Measure in turns, and print each round and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    ratios: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        there, here = (measured(tree, options.seconds) for tree in (options.tree.resolve(), HERE))
        for count, (per_s, per_core) in here.items():
            ratios.setdefault(count, []).append(per_core / there[count][1])
            print(f"{count:>3} connections: there {there[count][0]:,.0f}/s, here {per_s:,.0f}/s", flush=True)
    for count, found in ratios.items():
        print(f"{count:>3} connections: {median(found):.2f} of there, a core ({min(found):.2f} to {max(found):.2f})")


if __name__ == "__main__":
    main()
