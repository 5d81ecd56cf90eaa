"""Branch coverage of each room by its unit and contract tests, held against the floors beside this file.

`python -m tests.coverage.rooms DATA` prints the table and fails where a room is below its floor; with `--write` it
raises the floors to what was measured, and never lowers one. A room without a floor needs 80 %.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from coverage import Coverage

ROOT = Path(__file__).parents[2]
FLOORS = Path(__file__).with_name("floors.toml")
WANTED = 80.0
SLACK = 2.0
"""Percent that a floor lies below what was measured: which of two branches runs first is chance now and then."""

TWO_LEVELS = frozenset({"services", "adapters", "engines"})
THREE_LEVELS = "services/gateway"


def room_of(file: str) -> str:
    """Return the room that a file below src/tulou belongs to; of the largest one, its wing."""
    parts = file.split("/")[:-1]
    if not parts:
        return "kernel"
    depth = 3 if "/".join(parts[:2]) == THREE_LEVELS else 2 if parts[0] in TWO_LEVELS else 1
    return "/".join(parts[:depth])


def measured(data: Path) -> dict[str, float]:
    """Return percent of lines and branches run, by room."""
    coverage = Coverage(data_file=str(data), config_file=str(ROOT / "pyproject.toml"))
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        coverage.json_report(outfile=str(report))
        files: Mapping[str, Any] = msgspec.json.decode(report.read_bytes())["files"]
    run, there = Counter[str](), Counter[str]()
    for file, told in files.items():
        room = room_of(file.partition("src/tulou/")[2])
        summary = told["summary"]
        run[room] += summary["covered_lines"] + summary["covered_branches"]
        there[room] += summary["num_statements"] + summary["num_branches"]
    return {room: 100 * run[room] / there[room] for room in sorted(there) if there[room]}


def floors() -> dict[str, float]:
    """Return the floors in percent, by room."""
    return msgspec.toml.decode(FLOORS.read_bytes(), type=dict[str, float])


def below(found: Mapping[str, float], held: Mapping[str, float]) -> list[str]:
    """Say which rooms are below their floors, and which floors have no room."""
    low = [
        f"{room}: {share:.1f} % is below {held.get(room, WANTED):.1f} %; test what is new"
        for room, share in found.items()
        if share < held.get(room, WANTED)
    ]
    return [*low, *(f"{room}: there is no such room; take its floor away" for room in held if room not in found)]


def raised(found: Mapping[str, float], held: Mapping[str, float]) -> dict[str, float]:
    """Return floors that are nowhere lower than before."""
    return {room: max(round(share - SLACK, 1), held.get(room, 0.0)) for room, share in found.items()}


def main() -> int:
    """Print the table; return 1 if a room is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    found, held = measured(asked.data), floors()
    for room, share in found.items():
        sys.stdout.write(f"{room:32} {share:5.1f} %   floor {held.get(room, WANTED):5.1f} %\n")
    if asked.write:
        lines = [f'"{room}" = {share}\n' for room, share in raised(found, held).items()]
        FLOORS.write_text(
            "# Percent of lines and branches that unit and contract tests run; never lower.\n" + "".join(lines)
        )
        return 0
    wrong = below(found, held)
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
