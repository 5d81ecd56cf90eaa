"""Tries every odd answer and writes what came of them: `python -m tests.integration.vendors.oddities`."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from tests.integration.vendors.oddities.run import WAYS, Result, odd_house, results

PAGE = Path("docs/reference/vendors.md")
BEGIN, END = "<!-- counts begin -->", "<!-- counts end -->"
ENDED = ("answered", "refused", "failed", "broken off")


async def tried() -> Sequence[Result]:
    """Return what came of every odd answer on every way."""
    found: list[Result] = []
    with TemporaryDirectory() as directory:
        async with odd_house(Path(directory)) as running:
            for way in WAYS.values():
                for stream in (False, True):
                    found += await results(running, way, stream=stream)
    return found


def table(found: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of a table: a line for each way, whole and streamed, and one for all."""
    yield "| way | odd answers | " + " | ".join(ENDED) + " | wrong |"
    yield "|---|---|" + "---|" * (len(ENDED) + 1)
    groups: Mapping[str, list[Result]] = {}
    for result in found:
        name = f"{result.way}, {'stream' if result.stream else 'whole'}"
        groups = {**groups, name: [*groups.get(name, []), result]}
    for name, those in (*groups.items(), ("**all**", list(found))):
        ended = Counter(result.ended for result in those)
        wrong = sum(bool(result.problems) for result in those)
        yield f"| {name} | {len(those)} | " + " | ".join(str(ended[one]) for one in ENDED) + f" | {wrong} |"


def written(page: str, lines: Sequence[str]) -> str:
    """Return the page with these lines in the place of those between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, *lines, END]) + after


def main() -> int:
    """Print the table, put it into the page, and say what is wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    found = asyncio.run(tried())
    lines = list(table(found))
    PAGE.write_text(written(PAGE.read_text("utf-8"), lines), "utf-8")
    wrong = [result for result in found if result.problems]
    for _result in wrong:
        pass
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
