"""Tulou's gateway beside nginx and LiteLLM, in one run on one machine.

`python benchmarks/gateway/run.py [--litellm VENV] [--rounds 3] [--seconds 5]`. Needs nginx, wrk and taskset, two cores
that are otherwise idle, and for LiteLLM a virtual environment of its own with `litellm[proxy]`.
"""

import argparse
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from contenders import Contender, litellm, nginx_proxy, tulou, upstreams
from measure import STREAMS, paced, resident_mib, wrk
from upstream import BURST, CANNED

CONNECTIONS = (1, 32, 256)
ROWS = (
    *(f"requests/s c{count}" for count in CONNECTIONS),
    *(f"requests/s/core c{count}" for count in CONNECTIONS),
    *(f"p50 ms c{count}" for count in CONNECTIONS),
    "p99 ms c32",
    "SSE chunks/s canned",
    "SSE chunks/s burst",
    "SSE chunks/s paced",
    "core at paced",
    "SSE chunks/s/core paced",
    "resident MiB",
)
EXACT = 10
"""Figures below this are shown with three decimals."""

Figures = dict[str, float]


def measure(contender: Contender, seconds: float, streams: int, folder: Path) -> Figures:
    """Return one round's figures of one gateway."""
    figures: Figures = {}
    wrk(contender, "plain", 32, 1, folder)  # to warm up
    for count in CONNECTIONS:
        load = wrk(contender, "plain", count, seconds, folder)
        if load.trouble:
            print(f"  {contender.name} c{count}: {load.trouble}")
        figures[f"requests/s c{count}"] = load.per_s
        figures[f"requests/s/core c{count}"] = load.per_core
        figures[f"p50 ms c{count}"] = load.p50_ms
        if count == 32:  # noqa: PLR2004 - the usual load
            figures["p99 ms c32"] = load.p99_ms
    figures["SSE chunks/s canned"] = wrk(contender, "canned", 32, seconds, folder).per_s * CANNED
    figures["SSE chunks/s burst"] = wrk(contender, "burst", 32, seconds, folder).per_s * BURST
    went = paced(contender, streams, min(seconds, 5))
    figures["SSE chunks/s paced"] = went.chunks_per_s
    figures["core at paced"] = went.core
    figures["SSE chunks/s/core paced"] = went.per_core
    figures["resident MiB"] = resident_mib(contender.pid)
    return figures


@contextmanager
def contender(name: str, folder: Path, venv: Path | None) -> Generator[Contender]:
    """Run one gateway."""
    running = {
        "nginx": lambda: nginx_proxy(folder),
        "tulou": lambda: tulou(folder, sys.executable),
        "litellm": lambda: litellm(folder, venv or Path()),
    }
    with running[name]() as made:
        yield made


def main() -> None:
    """Measure, and print a table."""
    asked = arguments()
    names = ["nginx", "tulou", *(["litellm"] if asked.litellm else [])]
    if not asked.litellm:
        print("LiteLLM is left out: give --litellm VENV, a virtual environment with litellm[proxy]")
    rounds: dict[str, list[Figures]] = {name: [] for name in names}
    for number in range(asked.rounds):
        for name in names:
            print(f"round {number + 1}: {name}", flush=True)
            rounds[name].append(one_round(name, asked))
    show({name: {row: median(one[row] for one in taken) for row in ROWS} for name, taken in rounds.items()})


def one_round(name: str, asked: argparse.Namespace) -> Figures:
    """Run one gateway with fresh upstreams, and measure it."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        with upstreams(folder, sys.executable), contender(name, folder, asked.litellm) as running:
            return measure(running, asked.seconds, asked.streams, folder)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", type=Path, help="a virtual environment with litellm[proxy]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--streams", type=int, default=STREAMS, help="paced streams at once, 100 chunks/s each")
    return parser.parse_args()


def show(medians: dict[str, Figures]) -> None:
    """Print medians, and Tulou's ratios to the others."""
    others = [name for name in medians if name != "tulou"]
    print(f"\n| median | {' | '.join(medians)} | {' | '.join(f'tulou : {name}' for name in others)} |")
    print("|" + "---|" * (1 + len(medians) + len(others)))
    for row in ROWS:
        figures = " | ".join(
            f"{figure[row]:,.3f}" if figure[row] < EXACT else f"{figure[row]:,.0f}" for figure in medians.values()
        )
        ratios = " | ".join(
            f"{medians['tulou'][row] / medians[name][row]:.2f}" if medians[name][row] else "-" for name in others
        )
        print(f"| {row} | {figures} | {ratios} |")


if __name__ == "__main__":
    main()
