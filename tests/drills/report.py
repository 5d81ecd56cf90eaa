"""The table of a drill, for people and for machines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.drills.outcome import Outcome
from tests.drills.size import Size

HEAD = (
    *("attack", "requests of it", "modest tenant: failed", "p50 quiet / attacked", "p99 quiet / attacked"),
    "gateway's longest turn / want of a processor",
    *("gateway grew / kept MiB", "control grew / kept MiB", "rows of ledger / audit", "out of bounds"),
)


def write(outcomes: Sequence[Outcome], size: Size, place: Path) -> None:
    """Write `hostile.md` and `hostile.json` into a folder."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "hostile.md").write_text(markdown(outcomes, size))
    found = [asdict(each) | {"troubles": each.troubles(size)} for each in outcomes]
    (place / "hostile.json").write_text(json.dumps(found, indent=1))


def markdown(outcomes: Sequence[Outcome], size: Size) -> str:
    """Return the table."""
    lines = [HEAD, ["---"] * len(HEAD), *(list(_row(each, size)) for each in outcomes)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def _row(outcome: Outcome, size: Size) -> Iterator[str]:
    quiet, attacked = outcome.quiet, outcome.under_attack
    yield outcome.attack
    yield f"{outcome.asked:,}"
    yield f"{len(outcome.failures)} of {attacked.requests}"
    yield f"{quiet.p50:.0f} / {attacked.p50:.0f} ms"
    yield f"{quiet.p99:.0f} / {attacked.p99:.0f} ms"
    yield f"{outcome.turn.computed:.0f} / {outcome.starved_ms:.0f} ms"
    yield f"{outcome.gateway_mib:.0f} / {outcome.gateway_left_mib:.0f}"
    yield f"{outcome.control_mib:.0f} / {outcome.control_left_mib:.0f}"
    yield f"{outcome.kept.ledger} / {outcome.kept.audit}"
    yield "; ".join(trouble.replace("|", "/")[:160] for trouble in outcome.troubles(size)) or "nothing"
