"""What goes out by an imported configuration is what LiteLLM sends by it, or that it is not so is told."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contracts.litellm_outcome import outcome
from tests.contracts.litellm_tally import Judged, judged, sending, table
from tests.contracts.litellm_wire import configurations, imported
from tests.contracts.recording import Sent

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


SPOILED: Mapping[str, Callable[[Sent], Sent]] = {
    "method": lambda sent: replace(sent, method="PUT"),
    "host": lambda sent: replace(sent, url=f"x.{sent.url}"),
    "path": lambda sent: replace(sent, url=sent.url.replace("/", "/x/", 1)),
    "query": lambda sent: replace(sent, url=f"{sent.url}?x=y"),
    "model": lambda sent: replace(sent, model="another"),
}


@pytest.mark.parametrize("part", SPOILED)
def test_whatever_an_entry_s_notes_say_it_would_be_wrong_elsewhere_or_for_another_model(
    entries: Sequence[Judged], part: str
) -> None:
    sent = [(one, one.ours) for one in entries if one.ours is not None and one.outcome in ("right", "told")]
    assert len(sent) > 2 * LEAST
    excused = [
        one.configuration.name
        for one, ours in sent
        if outcome(one.configuration, one.number, one.entry, SPOILED[part](ours)) != "wrong"
    ]
    about_the_place = ["a template that something else fills", *["bedrock without a region"] * 2]
    assert excused == (about_the_place if part in ("host", "path") else [])


def test_another_key_is_wrong_where_nothing_is_said_of_it(entries: Sequence[Judged]) -> None:
    sent = [(one, one.ours) for one in entries if one.ours is not None and one.outcome == "right"]
    spoiled = {
        outcome(one.configuration, one.number, one.entry, replace(ours, proof="x-api-key: another"))
        for one, ours in sent
    }
    assert spoiled == {"wrong"}


def test_a_configuration_as_a_whole_brings_in_what_its_entries_bring_in_alone() -> None:
    for one in configurations():
        alone = sum(imported(one, entry).imported for _, entry in one.entries())
        assert imported(one).imported == alone, one.name


def test_the_documented_tally_is_that_of_today(entries: Sequence[Judged]) -> None:
    page = Path(__file__).parents[2] / "docs" / "howto" / "moving-from-litellm.md"
    assert table(entries) in page.read_text("utf-8"), "print it with `python -m tests.contracts.litellm_tally`"
