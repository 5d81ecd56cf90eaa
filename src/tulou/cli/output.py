"""Print for people, or for programs."""

import json
import sys
import time
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 200
"""Columns of a table that is read by a program or a file, which have no edge to wrap at."""

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def show(value: object, *, as_json: bool, rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Print the whole value as JSON, or the columns of the rows as a table."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(str(row.get(column, ""))) for column in columns))
    console.print(table)


def say(text: str) -> None:
    """Print a line."""
    console.print(text, markup=False)


def ago(moment: float | None) -> str:
    """Return how long ago a Unix time was, in the largest unit that fits."""
    if moment is None:
        return "never"
    seconds = max(0.0, time.time() - moment)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"


def size(count: float) -> str:
    """Return bytes in the largest unit that fits."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:  # noqa: PLR2004 - the step between the units
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
