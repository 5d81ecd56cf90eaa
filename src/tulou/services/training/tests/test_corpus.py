"""The demo corpus is well formed, rich enough, and never tells what is held out."""

import itertools
import json
from typing import Any

import pytest

from tulou.services.training.cookbook import read_dish, recipes
from tulou.services.training.domain.conversations import ConversationSampler, plain
from tulou.services.training.domain.exchange import SampledConversation
from tulou.services.training.domain.recipes import SizedRecipe

PROFILES = [(recipe.name, profile) for recipe in recipes() for profile in recipe.profiles]
ENOUGH = 20


@pytest.fixture(scope="module", params=PROFILES, ids="-".join)
def dish(request: pytest.FixtureRequest) -> SizedRecipe:
    return read_dish(*request.param)


def told(dish: SizedRecipe, count: int = 1500, seed: int = 5) -> list[SampledConversation]:
    telling = ConversationSampler(dish.corpus, dish.profile.mix, seed=seed, held_out=dish.evaluation.held_out())
    return list(telling.conversations(count))


def test_every_entry_can_be_asked_in_twenty_ways_in_both_languages(dish: SizedRecipe) -> None:
    for entry in dish.corpus.entries:
        frames = dish.corpus.frames[entry.frame]
        assert len(frames["en"]) * len(entry.en) + len(entry.more_en) >= ENOUGH, entry.id
        assert len(frames["zh"]) * len(entry.zh) + len(entry.more_zh) >= ENOUGH, entry.id


def test_no_answer_belongs_to_two_entries(dish: SizedRecipe) -> None:
    answers = [
        answer for part in (*dish.corpus.entries, *dish.corpus.refusals) for answer in (part.answer_en, part.answer_zh)
    ]
    assert len(set(answers)) == len(answers)


def test_what_is_held_out_is_never_told(dish: SizedRecipe) -> None:
    held_out = dish.evaluation.held_out()
    assert held_out
    for conversation in told(dish):
        assert not [text for text in conversation.questions() if plain(text) in held_out]


def test_the_same_seed_tells_the_same_and_another_does_not(dish: SizedRecipe) -> None:
    assert told(dish, 50) == told(dish, 50)
    assert told(dish, 50) != told(dish, 50, seed=6)


def test_every_question_expects_one_thing_that_can_be_checked(dish: SizedRecipe) -> None:
    known = {part.id for part in (*dish.corpus.entries, *dish.corpus.refusals)}
    for question in dish.evaluation.question:
        expected = (bool(question.answer_of), question.json is not None, question.call is not None, bool(question.says))
        assert sum(expected) == 1, question.ask
        assert not question.answer_of or question.answer_of in known
        assert set(question.offers) <= set(dish.evaluation.tools)


def test_no_slot_is_left_unfilled(dish: SizedRecipe) -> None:
    for conversation in told(dish):
        for message in conversation.messages:
            content = str(message["content"])
            assert "{x}" not in content
            assert not [slot for slot in dish.corpus.slots if f"{{{slot}}}" in content], content


def test_calls_name_an_offered_tool_and_fit_its_parameters(dish: SizedRecipe) -> None:
    types = {"string": str, "integer": int}
    seen = 0
    for conversation in told(dish):
        offered = {tool["function"]["name"]: tool["function"] for tool in _as_json(conversation).get("tools", [])}
        for call in itertools.chain.from_iterable(m.get("tool_calls", []) for m in _as_json(conversation)["messages"]):
            parameters = offered[call["function"]["name"]]["parameters"]["properties"]
            arguments = call["function"]["arguments"]
            assert arguments.keys() == parameters.keys()
            assert all(isinstance(arguments[name], types[schema["type"]]) for name, schema in parameters.items())
            seen += 1
    assert seen > 0 or "tool" not in dish.profile.mix


def test_a_citation_names_the_passage_that_holds_the_answer(dish: SizedRecipe) -> None:
    if "passage" not in dish.profile.mix:
        pytest.skip("this profile teaches no passages")
    cited = 0
    for conversation in told(dish):
        question, answer = str(conversation.messages[-2]["content"]), str(conversation.messages[-1]["content"])
        text, _, number = answer.rpartition(" [")
        if text and "[1] " in question:
            assert f"[{number} {text}" in question
            cited += 1
    assert cited > 50


def _as_json(conversation: SampledConversation) -> Any:
    return json.loads(json.dumps(conversation.as_json()))
