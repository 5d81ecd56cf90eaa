"""What a deployment's entry says of the calls to it: defaults, extra bodies, deadlines, and who takes which role."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tulou.contracts.discovery.entry import CallDeadlines, RequestDefaults
from tulou.contracts.routing.messages import Deadlines, Endpoint, RetryPolicy, Route, TrafficShare
from tulou.services.gateway.stack.deadlines import instead, to_the_end
from tulou.services.gateway.stack.defaults import merged
from tulou.services.gateway.tests.gate import AUTH, gate, question, snapshot, target
from tulou.services.gateway.tests.upstream import Upstream, upstream
from tulou.services.gateway.tests.vendors.anthropic import ANTHROPIC
from tulou.services.gateway.tests.vendors.bedrock import BEDROCK
from tulou.services.gateway.tests.vendors.gemini import GEMINI
from tulou.services.gateway.tests.vendors.responses import RESPONSES
from tulou.services.gateway.tests.vendors.speech import Speech, vendor

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "completions", "responses", "messages")
SAID = RequestDefaults(temperature=0.25, max_tokens=77, stop=("END",), seed=5, reasoning_effort="low")


async def sent(
    tmp_path: Path, one: Upstream, body: dict[str, Any], *, path: str = "chat/completions", **entry: Any
) -> Any:
    """Return the body that reaches an upstream whose entry says something."""
    defaults = entry.pop("deployment", RequestDefaults())
    told = snapshot(replace(target(one.replica(**entry), endpoints=ENDPOINTS), defaults=defaults))
    async with gate(tmp_path, told) as running:
        got = await running.http.post(f"/v1/{path}", json=body, headers=AUTH)
        assert got.status_code == 200, got.text
    return one.seen[-1].json


async def test_a_default_is_asked_where_the_client_says_nothing_and_never_over_what_it_says(tmp_path: Path) -> None:
    async with upstream() as one:
        body = await sent(tmp_path, one, question(seed=9, stop=None), defaults=SAID)
    assert (body["temperature"], body["max_tokens"], body["stop"], body["seed"]) == (0.25, 77, ["END"], 9)
    assert body["reasoning_effort"] == "low"


async def test_a_client_that_caps_its_output_by_either_name_is_given_no_other_cap(tmp_path: Path) -> None:
    async with upstream() as one:
        body = await sent(
            tmp_path, one, question(max_completion_tokens=5), defaults=SAID, max_tokens_field="max_completion_tokens"
        )
    assert body["max_completion_tokens"] == 5
    assert "max_tokens" not in body


async def test_a_client_that_chooses_how_to_sample_gets_no_other_sampling_beside_it(tmp_path: Path) -> None:
    async with upstream() as one:
        body = await sent(tmp_path, one, question(top_p=0.5), defaults=SAID)
    assert (body["top_p"], "temperature" in body) == (0.5, False)


async def test_the_defaults_of_an_entry_go_before_those_of_its_deployment(tmp_path: Path) -> None:
    async with upstream() as one:
        body = await sent(
            tmp_path,
            one,
            question(),
            defaults=RequestDefaults(temperature=0.5),
            deployment=RequestDefaults(temperature=1.0, max_tokens=3),
        )
    assert (body["temperature"], body["max_tokens"]) == (0.5, 3)


def test_an_effort_and_a_budget_of_thinking_are_one_wish_of_which_the_entry_s_holds() -> None:
    both = merged(RequestDefaults(reasoning_tokens=2000), RequestDefaults(reasoning_effort="high", seed=1))
    assert (both.reasoning_tokens, both.reasoning_effort, both.seed) == (2000, "", 1)


@pytest.mark.parametrize(
    ("speech", "within", "cap", "stop"),
    [
        (ANTHROPIC, "", "max_tokens", "stop_sequences"),
        (BEDROCK, "inferenceConfig", "maxTokens", "stopSequences"),
        (GEMINI, "generationConfig", "maxOutputTokens", "stopSequences"),
    ],
    ids=["anthropic", "bedrock", "gemini"],
)
async def test_every_dialect_is_told_the_defaults_in_its_own_words(
    tmp_path: Path, speech: Speech, within: str, cap: str, stop: str
) -> None:
    defaults = RequestDefaults(max_tokens=77, stop=("END",))
    async with vendor(speech) as one:
        body = await sent(tmp_path, one, question(), dialect=speech.dialect, upstream_model="m", defaults=defaults)
    told = body[within] if within else body
    assert (told[cap], told[stop]) == (77, ["END"])


async def test_what_passes_through_gets_the_defaults_in_the_words_of_its_endpoint(tmp_path: Path) -> None:
    defaults = RequestDefaults(max_tokens=77, reasoning_effort="low", verbosity="high", top_k=4)
    async with vendor(RESPONSES) as one:
        body = await sent(
            tmp_path, one, {"model": "tiny", "input": "hi"}, path="responses", dialect="responses", defaults=defaults
        )
    assert (body["max_output_tokens"], body["reasoning"], body["text"]) == (
        77,
        {"effort": "low"},
        {"verbosity": "high"},
    )
    assert "top_k" not in body
    async with vendor(ANTHROPIC) as one:
        body = await sent(
            tmp_path,
            one,
            question(max_tokens=4000),
            path="messages",
            dialect="anthropic",
            defaults=RequestDefaults(reasoning_tokens=2000, temperature=0.5, stop=("END",)),
        )
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert (body["max_tokens"], body["stop_sequences"], "temperature" in body) == (4000, ["END"], False)


async def test_an_extra_body_is_merged_into_what_is_sent_and_goes_before_what_the_client_says(tmp_path: Path) -> None:
    extra = {"provider": {"data_collection": "deny"}, "chat_template_kwargs": {"enable_thinking": False}}
    async with upstream() as one:
        asked = question(provider={"order": ["a"], "data_collection": "allow"})
        body = await sent(tmp_path, one, asked, provider="openrouter", extra_body=extra)
    assert body["provider"] == {"order": ["a"], "data_collection": "deny"}
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert body["messages"] == [{"role": "user", "content": "hi"}]


async def test_an_extra_body_reaches_a_vendor_of_another_dialect_and_fields_that_are_not_sent_do_not(
    tmp_path: Path,
) -> None:
    async with vendor(ANTHROPIC) as one:
        body = await sent(
            tmp_path, one, question(), dialect="anthropic", extra_body={"anthropic_version": "v"}, omit=("model",)
        )
    assert (body["anthropic_version"], "model" in body) == ("v", False)


async def test_an_entry_that_is_given_less_time_than_its_route_is_given_up_after_that(tmp_path: Path) -> None:
    async def silent(seen: object, send: object) -> None:
        del seen, send
        await never.wait()

    never = asyncio.Event()
    route = Route(model="tiny", shares=(TrafficShare(deployment="tiny"),), retry=RetryPolicy(attempts=1))
    async with upstream(act=silent) as one:
        told = snapshot(target(one.replica(deadlines=CallDeadlines(total_s=0.05))), routes=(route,))
        async with gate(tmp_path, told) as running:
            got = await running.chat()
    assert (got.status_code, got.json()["error"]["code"]) == (504, "deadline_exceeded")


def test_an_entry_s_deadlines_stand_in_the_place_of_the_route_s_and_a_whole_answer_has_all_its_time() -> None:
    own = instead(Deadlines(), CallDeadlines(total_s=900.0, first_byte_s=30.0))
    assert own == Deadlines(first_byte_s=30.0, total_s=900.0)
    assert to_the_end(own) == Deadlines(first_byte_s=900.0, idle_s=900.0, total_s=900.0)


@pytest.mark.parametrize(("known", "role"), [(True, "developer"), (False, "system")])
async def test_the_role_developer_goes_only_to_a_vendor_that_is_known_to_take_it(
    tmp_path: Path, *, known: bool, role: str
) -> None:
    user = {"role": "user", "content": '"developer"'}
    asked: dict[str, Any] = {"model": "tiny", "messages": [{"role": "developer", "content": "say developer"}, user]}
    async with upstream() as one:
        body = await sent(tmp_path, one, asked, developer_role=known)
        assert body["messages"] == [{"role": role, "content": "say developer"}, user]
        responses = {
            "model": "tiny",
            "input": [{"role": "developer", "content": "x"}, {"role": "user", "content": "y"}],
        }
        body = await sent(tmp_path, one, responses, path="responses", developer_role=known)
        assert body["messages"][0]["role"] == "system"
