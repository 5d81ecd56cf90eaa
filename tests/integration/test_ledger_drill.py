"""kill -9 of writers and of what ingests, at any moment: nothing acknowledged is lost, nothing counts twice."""

from pathlib import Path

from tests.integration.ledger.drill import drill

ENTRIES = 10_000


async def test_ten_thousand_entries_outlive_repeated_kills(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tulou.db"
    outcome = await drill(tmp_path, url, entries=ENTRIES, per_second=1_500, kill_every_s=0.5)
    assert outcome.acknowledged >= ENTRIES
    assert sum(outcome.kills.values()) > 0
    assert outcome.good, outcome
