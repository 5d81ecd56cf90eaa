"""What goes out by an imported configuration is what LiteLLM sends by it, or that it is not so is told."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contracts.litellm_tally import Judged, judged, sending, table
from tests.contracts.litellm_wire import configurations, imported

LEAST = 60


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Judged]:
    async def all_of_them() -> Sequence[Judged]:
        async with sending(tmp_path_factory.mktemp("gate")) as sender:
            return await judged(sender)

    return asyncio.run(all_of_them())


def test_no_entry_of_any_configuration_is_silently_wrong(entries: Sequence[Judged]) -> None:
    assert [str(one) for one in entries if one.outcome == "wrong"] == []
    assert len({one.configuration.name for one in entries}) >= LEAST


def test_a_configuration_as_a_whole_brings_in_what_its_entries_bring_in_alone() -> None:
    for one in configurations():
        alone = sum(imported(one, entry).imported for _, entry in one.entries())
        assert imported(one).imported == alone, one.name


def test_the_documented_tally_is_that_of_today(entries: Sequence[Judged]) -> None:
    page = Path(__file__).parents[2] / "docs" / "howto" / "moving-from-litellm.md"
    assert table(entries) in page.read_text("utf-8"), "print it with `python -m tests.contracts.litellm_tally`"
