"""How the configurations of LiteLLM's come over, by kind.

Print the table with `python -m tests.contracts.litellm_tally`, and what became of each entry with `-v`.
"""

import asyncio
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import structlog

from tests.contracts.litellm_outcome import Outcome, outcome
from tests.contracts.litellm_wire import Configuration, HouseSender, configurations, kept
from tests.contracts.recording import Sent, recording
from tulou.services.gateway.tests.gate import gate, snapshot

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
TITLES: Mapping[Outcome, str] = {
    "right": "right",
    "told": "told",
    "refused": "left out, told",
    "wrong": "silently wrong",
}


@dataclass(frozen=True)
class Judged:
    """One entry, what went out by it here, and how that is."""

    configuration: Configuration
    number: int
    entry: Mapping[str, Any]
    ours: Sent | None
    outcome: Outcome

    def __str__(self) -> str:
        theirs = kept()[self.configuration.name][str(self.number)]
        ours = self.ours.written() if self.ours else "nothing"
        return f"{self.outcome:8}{self.configuration.name}[{self.number}]: LiteLLM {theirs}, house {ours}"


@asynccontextmanager
async def sending(directory: Path) -> AsyncGenerator[HouseSender]:
    """Run a gate whose vendors are one recording server."""
    with recording() as recorder:
        async with gate(directory, snapshot()) as running:
            yield HouseSender(running, recorder)


async def judged(sender: HouseSender) -> Sequence[Judged]:
    """Return every entry of every configuration."""
    found: list[Judged] = []
    for one in configurations():
        for number, entry in one.entries():
            ours = await sender.send(one, number, entry)
            found.append(Judged(one, number, entry, ours, outcome(one, number, entry, ours)))
    return found


def table(entries: Sequence[Judged]) -> str:
    """Return the tally as a table: a line for each kind, and one for all."""
    names = " | ".join(TITLES[name] for name in OUTCOMES)
    lines = [f"| kind | configurations | entries | {names} |", "|---|---|---|" + "---|" * len(OUTCOMES)]
    kinds = dict.fromkeys(one.configuration.kind for one in entries)
    lines += [_line(kind, [one for one in entries if one.configuration.kind == kind]) for kind in kinds]
    return "\n".join([*lines, _line("**all**", entries)])


def _line(kind: str, entries: Sequence[Judged]) -> str:
    counts = Counter(one.outcome for one in entries)
    files = len({one.configuration.name for one in entries})
    return f"| {kind} | {files} | {len(entries)} | " + " | ".join(str(counts[name]) for name in OUTCOMES) + " |"


async def _main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as directory:
        async with sending(Path(directory)) as sender:
            entries = await judged(sender)
    if "-v" in sys.argv:
        print("\n".join(map(str, entries)))  # noqa: T201 - it prints
    print(table(entries))  # noqa: T201 - it prints


if __name__ == "__main__":
    asyncio.run(_main())
