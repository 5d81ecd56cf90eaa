"""An import from a running LiteLLM proxy: its models, routing, keys, teams and budgets."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contracts.imports import PROVIDERS, items, named, tells
from tests.contracts.litellm_proxy import small_proxy
from tests.contracts.recording import recording
from tulou.cli.litellm import TranslatedHouse, translated
from tulou.cli.litellm.proxy import Proxy
from tulou.cli.main import main
from tulou.kernel.errors import InvalidError, TulouError, UnauthenticatedError, UnavailableError

DEFAULTS = {"use_in_pass_through": False, "use_litellm_proxy": False, "merge_reasoning_content_in_choices": False}
MODELS: list[Any] = [
    {
        "model_name": "gpt-4o",
        "litellm_params": {"model": "openai/gpt-4o", "rpm": 10, **DEFAULTS},
        "model_info": {
            "id": "one",
            "db_model": True,
            "mode": "chat",
            "input_cost_per_token": 2.5e-06,
            "pricing_overrides": [],
            "supports_vision": True,
        },
    },
    {
        "model_name": "own",
        "litellm_params": {"model": "openai/own", "api_base": "http://h/v1", **DEFAULTS},
        "model_info": {
            "id": "two",
            "mode": "embedding",
            "input_cost_per_token": 1e-06,
            "pricing_overrides": ["input_cost_per_token"],
        },
    },
    {"model_name": "big", "litellm_params": {"model": "openai/gpt-4o", **DEFAULTS}, "model_info": {"id": "one"}},
]
SETTINGS = {
    "status": "success",
    "router_settings": {
        "routing_strategy": "simple-shuffle",
        "routing_strategy_args": {},
        "num_retries": 3,
        "timeout": 45,
        "fallbacks": [{"gpt-4o": ["own"]}],
        "model_group_alias": {"big": "gpt-4o"},
        "retry_policy": None,
    },
}


def key(alias: str, **more: object) -> dict[str, Any]:
    return {"token": "0" * 64, "key_name": "sk-...1234", "key_alias": alias, "spend": 3.5, "models": [], **more}


def team(identity: str, alias: str, **more: object) -> dict[str, Any]:
    return {"team_id": identity, "team_alias": alias, "spend": 1.0, "blocked": False, "models": [], **more}


def paged(name: str, *pages: list[Any]) -> list[dict[str, Any]]:
    total = sum(map(len, pages))
    return [
        {name: page, "total_pages": len(pages), **_counts(name, number, total)}
        for number, page in enumerate(pages, start=1)
    ]


def _counts(name: str, number: int, total: int) -> dict[str, int]:
    if name == "teams":
        return {"total": total, "page": number, "page_size": 100}
    return {"total_count": total, "current_page": number}


ANSWERS: Mapping[str, Any] = {
    "/model/info": {"data": MODELS},
    "/get/config/callbacks": SETTINGS,
    "/key/list": paged(
        "keys",
        [
            key("web", team_id="t1", rpm_limit=60, models=["gpt-4o"]),
            key("cli", budget_id="b1"),
            key("old", blocked=True, max_budget=5.0, budget_duration="1d"),
        ],
        [key("web", team_id="t2", tpd_limit=1000, user_id="ann"), key("free", max_budget=0.0)],
    ),
    "/v2/team/list": paged(
        "teams",
        [
            team("t1", "Team Red", max_budget=100.0, budget_duration="30d", tpm_limit=5000, max_parallel_requests=4),
            team("t2", "Team/Red", models=["own"]),
            team("t3", "Nobody"),
        ],
    ),
    "/budget/list": [{"budget_id": "b1", "max_budget": 7.0, "budget_duration": "30d", "rpm_limit": 9}],
}


def asked(answers: Mapping[str, Any] = ANSWERS, *, database: bool = True) -> TranslatedHouse:
    with small_proxy(answers, key="sk-master", database=database) as server, Proxy(server.url, "sk-master") as proxy:
        configuration, callers = proxy.configuration(), proxy.callers()
    return translated(configuration, callers, providers=PROVIDERS, variables={}, asked=True)


def test_models_are_what_somebody_wrote_and_not_what_the_proxy_adds() -> None:
    found = asked()
    assert (found.imported, found.listed) == (2, 2), "an alias is no model of its own"
    assert named(found, "deployments")["own"]["task"] == "embedding"
    assert [price["model"] for price in items(found, "prices")] == ["own"], (
        "prices of LiteLLM's list are not the file's"
    )
    route = named(found, "routes", "model")["big"]
    assert (route["fallbacks"], route["retry"], route["deadlines"]["total_s"]) == (["own"], {"attempts": 4}, 45.0)
    assert not tells(found, "use_in_pass_through")


def test_a_key_that_nobody_tells_is_asked_for_and_not_sent_elsewhere() -> None:
    found = asked()
    openai, own = items(found, "upstreams")
    assert openai["credentials"] == [{"name": "default", "reference": "env://OPENAI_API_KEY"}]
    assert "credentials" not in own, "OpenAI's key is not for another address"
    assert tells(found, f"upstreams.{own['name']}: has no credential yet", kind="to_do")
    assert tells(found, "a proxy tells no key of a model", kind="to_do")


def test_teams_become_projects_and_keys_principals_with_their_limits() -> None:
    found = asked()
    assert list(named(found, "projects")) == ["Team-Red", "Team-Red-2", "Nobody"]
    people = named(found, "principals")
    assert {name: one["roles"][0]["project"] for name, one in people.items()} == {
        "web": "Team-Red",
        "cli": "default",
        "old": "default",
        "web-2": "Team-Red-2",
        "free": "default",
    }
    assert people["old"]["suspended"] == "blocked in LiteLLM"
    limits = {(one["subject"], one["measure"], one["period"]): one["amount"] for one in items(found, "limits")}
    assert limits == {
        ("default/Team-Red", "cost", "month"): 100.0,
        ("default/Team-Red", "tokens", "minute"): 5000.0,
        ("default/Team-Red", "concurrency", "none"): 4.0,
        ("default/web", "requests", "minute"): 60.0,
        ("default/cli", "requests", "minute"): 9.0,
        ("default/cli", "cost", "month"): 7.0,
        ("default/old", "cost", "day"): 5.0,
        ("default/web-2", "tokens", "day"): 1000.0,
    }
    assert tells(found, "make its key anew: tulou keys create web --principal web --project Team-Red --model gpt-4o")
    assert people["free"]["suspended"] == "max_budget is 0 in LiteLLM"
    assert tells(found, "keys[4].max_budget: lets nothing through: free comes suspended", kind="differs")
    assert tells(found, "teams[1].models: was left out")


def test_a_proxy_without_a_database_has_models_alone() -> None:
    found = asked(database=False)
    assert found.imported == 2
    assert items(found, "principals") == []
    assert tells(found, "the proxy has no database", kind="not_needed")


@pytest.mark.parametrize(
    ("answers", "given", "kind", "words"),
    [
        (ANSWERS, "sk-wrong", UnauthenticatedError, "give LiteLLM's master key"),
        ({}, "sk-master", InvalidError, "is that a LiteLLM proxy"),
        ({"/model/info": b"<html>"}, "sk-master", InvalidError, "is no JSON"),
        ({"/model/info": b'{"data": ' + b"[" * 100_000}, "sk-master", InvalidError, "is no JSON"),
    ],
)
def test_what_is_no_proxy_or_refuses_the_key_is_an_error_that_says_so(
    answers: Mapping[str, Any], given: str, kind: type[TulouError], words: str
) -> None:
    with (
        small_proxy(answers, key="sk-master") as server,
        Proxy(server.url, given) as proxy,
        pytest.raises(kind, match=words),
    ):
        proxy.configuration()


def test_a_proxy_that_is_not_there_is_named() -> None:
    with small_proxy({}) as server:
        url = server.url
    with Proxy(url, "") as proxy, pytest.raises(UnavailableError, match=url):
        proxy.configuration()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_answer_that_is_not_encoded_as_it_says_is_an_error_that_says_so(encoding: str) -> None:
    with (
        small_proxy(ANSWERS, encoding=encoding) as server,
        Proxy(server.url, "") as proxy,
        pytest.raises(InvalidError, match=f"{server.url}/get/config/callbacks answers what cannot be read"),
    ):
        proxy.configuration()


@pytest.mark.parametrize("url", ["litellm:4000", "http://[pw", "http://user:pw@host:port", "ftp://user:pw@host", ""])
def test_what_is_no_address_of_a_proxy_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidError, match="the address of the proxy is no address of HTTP") as caught:
        Proxy(url, "")
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-sch\u00f6n", "sk-two\nlines", "sk-\0"])
def test_a_key_that_no_header_holds_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(InvalidError, match="LiteLLM's key has characters") as caught:
        Proxy("http://127.0.0.1:4000", key)
    assert "sk-" not in str(caught.value)


def test_no_error_repeats_who_asks() -> None:
    with small_proxy({}) as server:
        url = server.url.replace("://", "://user:pw@")
        with Proxy(url, "") as proxy, pytest.raises(InvalidError) as caught:
            proxy.configuration()
    assert str(caught.value).startswith(server.url)
    with Proxy(url, "") as proxy, pytest.raises(UnavailableError, match=server.url):
        proxy.configuration()


def test_the_reason_of_an_import_does_not_keep_who_asked_the_proxy() -> None:
    with small_proxy(ANSWERS, database=False) as server, recording() as house:
        proxy, there = server.url.replace("://", "://user:pw@"), f"http://127.0.0.1:{house.server_port}"
        with pytest.raises(SystemExit):
            main(["import", "litellm", "--from-proxy", proxy, "--apply", "--url", there])
        (applied,) = house.take()
    assert applied.body["reason"] == f"imported from {server.url}"


ODD: list[object] = [None, [], {}, {"data": None}, {"data": [1, None, {}, {"model_name": []}]}]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer_brings_nothing_and_does_no_harm(odd: object) -> None:
    answers = {**ANSWERS, "/model/info": odd, "/get/config/callbacks": {"router_settings": 7}}
    with small_proxy(answers, database=False) as server, Proxy(server.url, "") as proxy:
        try:
            configuration = proxy.configuration()
        except InvalidError:
            return
    assert translated(configuration, None, providers=PROVIDERS, variables={}, asked=True).imported == 0


def test_the_command_takes_the_key_from_where_it_lies(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEIR_KEY", "sk-master")
    with small_proxy(ANSWERS, key="sk-master") as server:
        with pytest.raises(SystemExit) as ended:
            main(["import", "litellm", "--from-proxy", server.url, "--key", "env://THEIR_KEY"])
        assert int(ended.value.code or 0) == 0
        printed = capsys.readouterr()
        assert printed.err.splitlines()[-1] == "imported 2 of 2 models"
        assert "sk-master" not in printed.out + printed.err
        with pytest.raises(SystemExit) as ended:
            main(["import", "litellm", "--from-proxy", server.url, "--key", "env://NOT_SET"])
        assert ended.value.code == 2
