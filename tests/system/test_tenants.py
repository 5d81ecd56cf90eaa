"""Tenants are kept apart, limits hold over all gateways, and costs appear where they belong: tried on a whole house."""

import concurrent.futures
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from tests.system.house import House, until
from tests.system.midnight import wait_out_midnight

CHAT = "tulou-demo"
ASKED = {"model": CHAT, "messages": [{"role": "user", "content": "What is Tulou?"}], "max_tokens": 4}


@dataclass
class Office:
    """A tenant with a key for inference and one for administration."""

    house: House
    name: str
    key: str
    key_id: str
    admin: str

    def api(self) -> httpx2.Client:
        return self.house.client(self.admin)

    def ask(self) -> httpx2.Response:
        with self.house.client(self.key) as http:
            return http.post("/v1/chat/completions", json=ASKED)


@pytest.fixture(scope="module")
def operator(house: House) -> Iterator[httpx2.Client]:
    with house.client() as http:
        yield http


def settle(operator: httpx2.Client, house: House, name: str) -> Office:
    """Make a tenant with an administrator and a developer, and wait until the gate knows them."""
    operator.put(f"/api/v1/tenants/{name}", json={"name": name, "title": name.title()}).raise_for_status()
    boss = {"tenant": name, "name": "boss", "kind": "service", "roles": [{"role": "admin"}]}
    operator.put(f"/api/v1/principals/{name}/boss", json=boss).raise_for_status()
    asked = {"name": "boss", "tenant": name, "principal": "boss", "scopes": ["admin", "inference"]}
    admin = operator.post("/api/v1/keys", json=asked).raise_for_status().json()["secret"]
    made = operator.post("/api/v1/keys", json={"name": "app", "tenant": name, "principal": "app"})
    key = made.raise_for_status().json()
    office = Office(house, name, key["secret"], key["key"]["id"], admin)
    until(lambda: house.everywhere(lets_in, key=office.key), what=f"the gates to know {name}")
    return office


@pytest.fixture(scope="module")
def red(operator: httpx2.Client, house: House) -> Office:
    return settle(operator, house, "red")


@pytest.fixture(scope="module")
def blue(operator: httpx2.Client, house: House) -> Office:
    return settle(operator, house, "blue")


def lets_in(http: httpx2.Client) -> bool:
    return http.get("/v1/models").is_success


def refusal(office: Office) -> httpx2.Response | None:
    """Ask; return the answer if it is none."""
    said = office.ask()
    return None if said.is_success else said


def listed(http: httpx2.Client, path: str) -> list[dict[str, object]]:
    return http.get(path).raise_for_status().json()["items"]


def test_an_administrator_sees_their_own_tenant_and_no_other(red: Office, blue: Office) -> None:
    with red.api() as http:
        for path in ("keys", "projects", "principals", "tenants", "limits", "audit", "ledger"):
            seen = str(listed(http, f"/api/v1/{path}"))
            assert "'blue'" not in seen, path
            assert blue.key_id not in seen, path
        assert http.get(f"/api/v1/keys/{blue.key_id}").status_code in (403, 404)
        assert http.delete(f"/api/v1/keys/{blue.key_id}").status_code in (403, 404)
        assert http.put("/api/v1/projects/blue/theirs", json={"tenant": "blue", "name": "theirs"}).status_code == 403
        assert http.post("/api/v1/keys", json={"name": "x", "tenant": "blue"}).status_code == 403
    assert blue.ask().is_success


def test_the_overview_of_a_tenant_counts_its_own_requests(operator: httpx2.Client, house: House, blue: Office) -> None:
    amber = settle(operator, house, "amber")

    def overview(http: httpx2.Client) -> dict[str, Any]:
        return http.get("/api/v1/overview", params={"seconds": 600}).raise_for_status().json()

    def requests(http: httpx2.Client) -> float:
        return sum(model["requests"] for model in overview(http)["models"])

    with amber.api() as http:
        assert overview(http)["processes"] == []
        assert requests(http) == 0
        before = requests(operator)
        for office in (amber, blue, blue, amber):
            assert office.ask().is_success
        until(lambda: requests(operator) >= before + 3.9, what="the overview to have counted all")
        # What others asked before may have been counted among these.
        until(lambda: requests(http) >= 1.9, what="the overview to have counted the tenant's own")
        assert requests(http) == pytest.approx(2, abs=0.1)
        assert {point["in_flight"] for point in overview(http)["points"]} == {None}
        assert http.get("/api/v1/metrics").status_code == 403


def test_an_administrator_of_a_tenant_cannot_touch_the_house(red: Office) -> None:
    with red.api() as http:
        assert http.put("/api/v1/tenants/green", json={"name": "green"}).status_code == 403
        assert http.delete("/api/v1/deployments/tulou-demo").status_code == 403
        assert http.put("/api/v1/prices", json={"model": CHAT, "input": 1}).status_code == 403
        escalation = {"tenant": "red", "name": "boss", "kind": "service", "roles": [{"role": "operator"}]}
        assert http.put("/api/v1/principals/red/boss", json=escalation).status_code == 403


def test_files_batches_and_responses_of_others_do_not_exist(house: House, red: Office, blue: Office) -> None:
    with (
        OpenAI(base_url=f"{house.url}/v1", api_key=red.key, max_retries=0) as ours,
        OpenAI(base_url=f"{house.url}/v1", api_key=blue.key, max_retries=0) as theirs,
    ):
        file = ours.files.create(file=("a.txt", b"secret"), purpose="user_data")
        answer = ours.responses.create(model=CHAT, input="What is Tulou?", max_output_tokens=4)

        with pytest.raises(openai.NotFoundError):
            theirs.files.content(file.id)
        with pytest.raises(openai.NotFoundError):
            theirs.responses.retrieve(answer.id)
        with pytest.raises(openai.NotFoundError):
            theirs.responses.create(model=CHAT, input="and?", previous_response_id=answer.id)
        assert not theirs.files.list().data


def test_a_suspended_tenant_is_refused_with_the_reason(operator: httpx2.Client, house: House) -> None:
    office = settle(operator, house, "grey")

    suspended = {"name": "grey", "suspended": "the contract has ended"}
    operator.put("/api/v1/tenants/grey", json=suspended).raise_for_status()

    refused = until(lambda: refusal(office), what="a refusal")
    assert refused.status_code == 403
    assert "the contract has ended" in refused.text


def test_a_limit_of_requests_holds_over_all_gateways(operator: httpx2.Client, house: House) -> None:
    office = settle(operator, house, "green")
    limit = {
        "name": "green-minute",
        "scope": "tenant",
        "subject": "green",
        "tenant": "green",
        "measure": "requests",
        "amount": 10,
        "period": "hour",
    }
    operator.put("/api/v1/limits/green-minute", json=limit).raise_for_status()
    house.wait_for_snapshot("green-minute")

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(office.ask) for _ in range(40)]
    answers = [answer.result() for answer in asked]

    good = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(good) + len(refused) == 40

    def used_up() -> bool:
        """A share that one gateway holds is not another's to give: the last may be found only by asking again."""
        if len(good) < 10 and (said := office.ask()).is_success:
            good.append(said)
        return len(good) >= 10

    until(used_up, what="the whole limit used")
    assert len(good) == 10
    assert refusal(office)
    assert "green-minute" in refused[0].text
    assert refused[0].json()["error"]["code"] == "rate_limit_exceeded"
    assert int(refused[0].headers["retry-after"]) > 0
    assert {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests"} <= set(good[0].headers)
    with (
        OpenAI(base_url=f"{house.url}/v1", api_key=office.key, max_retries=0) as client,
        pytest.raises(openai.RateLimitError),
    ):
        client.chat.completions.create(model=CHAT, messages=[{"role": "user", "content": "x"}])


def test_a_budget_ends_requests_when_it_is_spent_and_the_cost_appears(operator: httpx2.Client, house: House) -> None:
    wait_out_midnight()
    office = settle(operator, house, "gold")
    operator.put("/api/v1/prices", json={"model": CHAT, "input": 1000.0, "output": 1000.0}).raise_for_status()
    budget = {
        "name": "gold-budget",
        "scope": "tenant",
        "subject": "gold",
        "tenant": "gold",
        "measure": "cost",
        "amount": 0.2,
        "period": "day",
    }
    operator.put("/api/v1/limits/gold-budget", json=budget).raise_for_status()
    house.wait_for_snapshot("gold-budget")

    spent = 0
    for _ in range(60):
        answer = office.ask()
        if answer.status_code == 429:
            break
        spent += round(float(answer.headers["x-tulou-cost"]) * 1_000_000)
    else:
        pytest.fail("the budget was never spent")

    assert answer.json()["error"]["code"] == "insufficient_quota"
    assert "gold-budget" in answer.text
    assert 0 < spent <= 200_000
    asked = {"start": time.time() - 3600, "end": time.time() + 3600, "bucket": "day", "group_by": "tenant"}

    def reported() -> int | None:
        rows = operator.get("/api/v1/usage", params=asked).raise_for_status().json()["rows"]
        return next((row["cost"] for row in rows if row["group"] == ["gold"] and row["cost"] >= spent), None)

    assert until(reported, what="the cost in the report") == spent
    operator.request("DELETE", "/api/v1/prices", params={"model": CHAT}).raise_for_status()


def test_every_change_and_every_refusal_is_in_the_audit_trail(operator: httpx2.Client, red: Office) -> None:
    with red.api() as http:
        headers = {"x-tulou-reason": "a try"}
        http.put("/api/v1/projects/red/new", json={"tenant": "red", "name": "new"}, headers=headers).raise_for_status()
        assert http.delete("/api/v1/deployments/tulou-demo").status_code == 403
    with red.house.client("sk-tulou-nobody") as stranger:
        assert stranger.post("/v1/chat/completions", json=ASKED).status_code == 401

    def trail(**wanted: str) -> list[dict[str, str]]:
        items = operator.get("/api/v1/audit?limit=200").raise_for_status().json()["items"]
        entries: list[dict[str, str]] = [item["entry"] for item in items]
        return [entry for entry in entries if all(entry[name] == value for name, value in wanted.items())]

    [made] = trail(tenant="red", principal="boss", action="projects:write", outcome="done")
    assert made["reason"] == "a try"
    assert trail(tenant="red", principal="boss", action="deployments:write", outcome="denied")
    until(lambda: trail(code="invalid_api_key", outcome="denied"), what="the stranger in the trail")
    verdict = operator.get("/api/v1/audit/verify").raise_for_status().json()
    assert verdict["intact"]
    assert verdict["records"] > 0


def test_a_policy_forbids_by_attribute(operator: httpx2.Client, red: Office, blue: Office) -> None:
    text = 'forbid (principal, action == Action::"models:use", resource) when { principal.tenant == "red" };'
    operator.put("/api/v1/policies/no-red", json={"name": "no-red", "text": text}).raise_for_status()
    try:
        refused = until(lambda: refusal(red), what="a refusal")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "policy_denied")
        assert "no-red" in refused.text
        assert blue.ask().is_success
    finally:
        operator.delete("/api/v1/policies/no-red").raise_for_status()
    until(lambda: red.ask().is_success, what="the policy gone")


def test_a_house_at_work_refuses_nothing_for_want_of_somebody_who_asks(operator: httpx2.Client, red: Office) -> None:
    assert red.ask().is_success

    def reported() -> list[str]:
        lines = operator.get("/api/v1/metrics").raise_for_status().text.splitlines()
        return lines if any(line.startswith("tulou_gateway_requests_total{") for line in lines) else []

    lines = until(reported, what="the request in the metrics")
    counts = [line for line in lines if line.startswith("tulou_actor_missing_total{")]
    assert {process for process in ("control", "gateway-0") if any(process in line for line in counts)} == {
        "control",
        "gateway-0",
    }
    assert [line for line in counts if not line.endswith((" 0", " 0.0"))] == []


def test_what_the_house_does_at_its_first_start_is_in_the_trail_with_what_it_is_for(operator: httpx2.Client) -> None:
    asked = {"action": "principals:write", "outcome": "done", "limit": 200}
    items = operator.get("/api/v1/audit", params=asked).raise_for_status().json()["items"]
    [made] = [item["entry"] for item in items if item["entry"]["resource"] == "principals/default/admin"]
    assert (made["tenant"], made["principal"], made["key"]) == ("", "", "")
    assert '"house":"control starts"' in made["detail"]
    assert "password" not in made["detail"] or '"password":"***"' in made["detail"]
