"""The model that is shipped, asked through llama.cpp and its own chat template, as every user asks it."""

import json
import tomllib
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tulou.services.training.cookbook import read_dish
from tulou.services.training.domain.recipes import SizedRecipe
from tulou.services.training.domain.scoring import Question, is_right, known_answers

xllamacpp: Any = import_module("xllamacpp")
ARTIFACT = Path(str(files("tulou.services.training") / "recipes" / "demo" / "artifact"))
MODEL = ARTIFACT / "tulou-demo.q8_0.gguf"
SIZE_CAP = 12 * 1024 * 1024
MARGIN = 2  # questions a group: other processors round otherwise


@pytest.fixture(scope="module")
def server() -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(MODEL)
    params.n_ctx, params.n_parallel, params.warmup, params.use_jinja = 1024, 1, False, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(params)


@pytest.fixture(scope="module")
def dish() -> SizedRecipe:
    return read_dish("demo", "full")


def ask(server: Any, **request: object) -> dict[str, Any]:
    return server.handle_chat_completions({"temperature": 0, "max_tokens": 96, **request})["choices"][0]["message"]


def answered(server: Any, dish: SizedRecipe, question: Question) -> str:
    message = ask(server, **dish.evaluation.conversation(question))
    called: list[dict[str, dict[str, str]]] = message.get("tool_calls") or []
    calls = [_as_written(call["function"]) for call in called]
    return (message.get("content") or "") + "".join(calls)


def _as_written(call: dict[str, str]) -> str:
    return f'<tool_call>{{"name": {json.dumps(call["name"])}, "arguments": {call["arguments"]}}}</tool_call>'


def test_it_is_small_enough_for_a_repository() -> None:
    assert MODEL.stat().st_size < SIZE_CAP


def test_it_answers_held_out_questions_as_well_as_its_provenance_says(server: Any, dish: SizedRecipe) -> None:
    claimed = tomllib.loads((ARTIFACT / "scores.toml").read_text())
    known = known_answers(dish.corpus)
    right: dict[str, int] = {}
    for question in dish.evaluation.question:
        right[question.group] = right.get(question.group, 0) + is_right(
            question, answered(server, dish, question), known
        )
    assert right.keys() == claimed.keys()
    for group, count in right.items():
        assert count >= claimed[group]["right"] - MARGIN, f"{group}: {count} right, {claimed[group]['right']} claimed"


def test_it_answers_from_what_a_tool_said(server: Any) -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get the weather of a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
    call = {"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
    told = ask(
        server,
        tools=[tool],
        messages=[
            {"role": "user", "content": "What is the weather in Paris?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": '{"weather": "sunny", "temperature": 21}'},
        ],
    )
    assert "21" in told["content"]
