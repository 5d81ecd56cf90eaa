"""Golden files: facts by name, a line each, and what came, went or changed since they were written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
BETWEEN = "\t"

Facts = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """What two sets of facts do not share; a new fact that breaks who knows nothing of it is in `broken`."""

    came: tuple[str, ...]
    broken: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.came or self.broken)


def read(name: str) -> Facts:
    """Return the facts of a golden file; none of a file that is not there."""
    file = FOLDER / name
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return dict(line.split(BETWEEN, 1) for line in lines)


def write(name: str, facts: Facts) -> None:
    """Write facts in the order of their names."""
    lines = [f"{key}{BETWEEN}{facts[key]}\n" for key in sorted(facts)]
    (FOLDER / name).write_text("".join(lines), "utf-8")


def difference(golden: Facts, now: Facts, *, demands: Facts) -> Difference:
    """Compare; `demands` are the facts of today that whoever sends something must meet from now on."""
    new = now.keys() - golden.keys()
    demanded = {key for key in new & demands.keys() if demands[key] in golden}
    broken = [f"- {key}: {golden[key]}" for key in sorted(golden.keys() - now.keys())]
    broken += [
        f"~ {key}: {golden[key]} -> {now[key]}" for key in sorted(golden.keys() & now.keys()) if golden[key] != now[key]
    ]
    broken += [f"! {key}: {now[key]} (new, and asked of everybody)" for key in sorted(demanded)]
    came = [f"+ {key}: {now[key]}" for key in sorted(new - demanded)]
    return Difference(tuple(came), tuple(broken))
