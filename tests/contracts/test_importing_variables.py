"""Variables that stand within values of LiteLLM's are followed as its proxy does, unless they may be secret."""

import json
from typing import Any

import pytest

from tests.contracts.imports import brought_in, entry, listed, named, one, tells, told, upstream
from tulou.cli.litellm import TranslatedHouse


def place(found: TranslatedHouse) -> dict[str, Any]:
    """Return the only entry of the only deployment."""
    return named(found, "deployments")["m"]["upstreams"][0]


def test_a_variable_within_a_body_is_followed_and_switches_are_switches() -> None:
    body = {"provider": {"order": [{"name": "os.environ/REGION"}], "strict": "os.environ/STRICT"}, "plain": "text"}
    found = brought_in(one("openai/a", extra_body=body), REGION="eu", STRICT="True")
    assert place(found)["extra_body"] == {"provider": {"order": [{"name": "eu"}], "strict": True}, "plain": "text"}
    assert told(found) == []


@pytest.mark.parametrize(
    ("body", "variables", "words"),
    [
        ({"api_key": "os.environ/X"}, {"X": "value"}, "extra_body.api_key: may be secret"),
        ({"user": "os.environ/MY_API_KEY"}, {"MY_API_KEY": "value"}, "extra_body.user: may be secret"),
        ({"user": "os.environ/X"}, {"X": "sk-hidden-12345"}, "extra_body.user: may be secret"),
        ({"user": "os.environ/X"}, {"X": "Bearer hidden-12345"}, "extra_body.user: may be secret"),
        ({"a": [{"user": "os.environ/X"}]}, {"X": "sk-hidden-12345"}, "extra_body.a[0].user: may be secret"),
        ({"a": ["os.environ/X"]}, {"X": "sk-hidden-12345"}, "extra_body.a[0]: may be secret"),
        ({"user": "os.environ/GONE"}, {}, "extra_body.user: GONE is not set here; it was left out"),
    ],
)
def test_what_may_be_secret_or_is_not_set_is_left_out_of_a_body_alone(
    body: dict[str, Any], variables: dict[str, str], words: str
) -> None:
    found = brought_in(one("openai/a", extra_body={**body, "kept": 1}), **variables)
    made = place(found)["extra_body"]
    assert made["kept"] == 1
    assert "user" not in made
    assert "api_key" not in made
    assert tells(found, words, kind="left_out")
    assert "hidden" not in json.dumps(dict(found.document)) + "".join(told(found))
    assert "os.environ" not in json.dumps(dict(found.document))


def test_a_variable_that_is_missing_in_a_body_is_named_once_more_in_the_end() -> None:
    assert brought_in(one("openai/a", extra_body={"user": "os.environ/GONE"})).missing == ("GONE",)


def test_where_a_model_stops_may_lie_in_a_variable() -> None:
    found = brought_in(one("openai/a", stop="os.environ/STOP"), STOP="END")
    assert place(found)["defaults"] == {"stop": ["END"]}
    assert told(found) == []


def test_a_variable_in_a_list_is_followed_and_told_for_litellm_sends_it_as_it_stands_there() -> None:
    found = brought_in(one("openai/a", stop=["os.environ/STOP", "b"]), STOP="END")
    assert place(found)["defaults"] == {"stop": ["END", "b"]}
    assert tells(found, "stop[0]: LiteLLM sends os.environ/STOP in a list as that text", kind="differs")
    gone = brought_in(one("openai/a", stop=["os.environ/GONE", "b"]))
    assert place(gone)["defaults"] == {"stop": ["b"]}
    assert tells(gone, "stop[0]: GONE is not set here", kind="left_out")


def test_thinking_that_a_variable_switches_off_is_off() -> None:
    thinking = {"type": "os.environ/THINKING", "budget_tokens": 1024}
    assert "defaults" not in place(brought_in(one("openai/a", thinking=thinking), THINKING="disabled"))
    assert place(brought_in(one("openai/a", thinking=thinking), THINKING="enabled"))["defaults"] == {
        "reasoning_tokens": 1024
    }


def test_a_variable_that_the_file_sets_to_another_has_the_other_s_value() -> None:
    config = listed(
        entry("openai/a", api_base="os.environ/INNER"),
        environment_variables={"INNER": "os.environ/OUTER", "LOST": "os.environ/GONE"},
    )
    assert upstream(brought_in(config, OUTER="http://h/v1"))["base_url"] == "http://h/v1"
    assert tells(brought_in(config), "INNER is not set here", kind="left_out")


def test_a_value_that_stands_within_itself_or_is_multiplied_without_end_is_left_out() -> None:
    circle: list[Any] = []
    circle.append(circle)
    many: list[Any] = ["x"]
    for _ in range(9):
        many = [many] * 8
    for field, value in (("stop", circle), ("extra_body", {"a": circle}), ("extra_body", {"a": many})):
        found = brought_in(one("openai/a", **{field: value}))
        assert tells(found, f"{field}: has more than", kind="left_out")
        assert field not in place(found)
