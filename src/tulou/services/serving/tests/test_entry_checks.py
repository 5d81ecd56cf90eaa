"""What an entry may say of the calls to it is checked when it is put, by name."""

from typing import Any

import pytest

from tulou.contracts.discovery.entry import CallDeadlines, RequestDefaults
from tulou.contracts.serving.messages import DeploymentSpec, UpstreamTarget
from tulou.kernel.errors import InvalidError
from tulou.services.serving.domain.checks import check_spec


def spec(task: Any = "", defaults: RequestDefaults | None = None, **entry: Any) -> DeploymentSpec:
    entry = {"upstream": "openai", "model": "gpt", **entry}
    return DeploymentSpec(
        name="d", upstreams=(UpstreamTarget(**entry),), task=task, defaults=defaults or RequestDefaults()
    )


def refused(made: DeploymentSpec) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        check_spec(made)
    return caught.value


def test_an_entry_with_defaults_extra_body_deadlines_and_a_wildcard_is_taken() -> None:
    check_spec(
        spec(
            model="openai/*",
            defaults=RequestDefaults(temperature=0.1, max_tokens=10, stop=("a",), reasoning_effort="low"),
            extra_body={"provider": {"order": ["a", "b"]}, "stop_token_ids": [1, 2], "service_tier": "flex"},
            deadlines=CallDeadlines(first_byte_s=10.0, total_s=900.0),
        )
    )


@pytest.mark.parametrize(
    ("defaults", "field"),
    [
        (RequestDefaults(temperature=2.5), "temperature"),
        (RequestDefaults(temperature=float("nan")), "temperature"),
        (RequestDefaults(top_p=-0.1), "top_p"),
        (RequestDefaults(max_tokens=0), "max_tokens"),
        (RequestDefaults(stop=("",)), "stop"),
        (RequestDefaults(stop=("a",) * 17), "stop"),
        (RequestDefaults(reasoning_effort="a lot"), "reasoning_effort"),
        (RequestDefaults(verbosity="chatty"), "verbosity"),
    ],
)
def test_a_default_that_no_request_could_have_is_refused_by_name_wherever_it_stands(
    defaults: RequestDefaults, field: str
) -> None:
    assert refused(spec(defaults=defaults)).param == f"defaults.{field}"
    entry = UpstreamTarget(upstream="u", model="m", defaults=defaults)
    assert refused(DeploymentSpec(name="d", upstreams=(entry,))).param == f"upstreams[0].defaults.{field}"


def test_an_effort_beside_a_budget_and_defaults_of_what_writes_no_text_are_refused() -> None:
    both = RequestDefaults(reasoning_effort="low", reasoning_tokens=2000)
    assert "not both" in str(refused(spec(defaults=both)))
    assert "embedding" in str(refused(spec(task="embedding", defaults=RequestDefaults(max_tokens=5))))


@pytest.mark.parametrize(
    "extra",
    [
        {"model": "other"},
        {"models": ["a", "b"]},
        {"stream": True},
        {"messages": []},
        {"max_completion_tokens": 5},
        {"n": 4},
        {"tools": []},
        {"store": True},
        {"generationConfig": {"maxOutputTokens": 5}},
        {"inferenceConfig": {"maxTokens": 5}},
    ],
    ids=str,
)
def test_what_identity_and_limits_go_by_is_in_no_extra_body(extra: dict[str, Any]) -> None:
    assert (refused(spec(extra_body=extra)).param or "").startswith("upstreams[0].extra_body.")


@pytest.mark.parametrize(
    "extra",
    [
        {"api_key": "plainly-so"},
        {"apiKey": "plainly-so"},
        {"auth": {"password": "plainly-so"}},
        {"headers": [{"Authorization": "plainly-so"}]},
        {"aws_secret_access_key": "plainly-so"},
        {"vertex_credentials": "plainly-so"},
        {"anything": "sk-plainly-so-and-long"},
        {"anything": ["Bearer plainly-so"]},
        {"anything": "-----BEGIN PRIVATE KEY-----plainly-so"},
    ],
    ids=str,
)
def test_a_secret_in_clear_is_refused_and_never_repeated(extra: dict[str, Any]) -> None:
    error = refused(spec(extra_body=extra))
    assert "looks like a secret" in str(error)
    assert "plainly-so" not in str(error)


def test_an_extra_body_is_json_of_a_bounded_size_and_depth() -> None:
    deep: object = "x"
    for _ in range(40):
        deep = {"a": deep}
    assert "deeper" in str(refused(spec(extra_body={"a": deep})))
    assert "bytes" in str(refused(spec(extra_body={"a": "x" * 20_000})))
    assert "JSON" in str(refused(spec(extra_body={"a": float("inf")})))


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_deadline_that_is_no_time_is_refused_by_name(seconds: float) -> None:
    error = refused(spec(deadlines=CallDeadlines(total_s=seconds)))
    assert error.param == "upstreams[0].deadlines.total_s"


@pytest.mark.parametrize("model", ["", "a*b*", "a\nb", "x" * 201])
def test_a_model_of_an_entry_is_a_bounded_name_with_at_most_one_wildcard(model: str) -> None:
    assert refused(spec(model=model)).param == "upstreams[0].model"


def test_entries_of_one_model_and_of_many_are_no_deployment_together() -> None:
    entries = (UpstreamTarget(upstream="u", model="*"), UpstreamTarget(upstream="u", model="gpt"))
    assert refused(DeploymentSpec(name="d", upstreams=entries)).param == "upstreams"
