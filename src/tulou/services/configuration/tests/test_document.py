"""A document is read strictly and written plainly, and what was written is read again as the same."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.contracts.discovery.entry import CallDeadlines, RequestDefaults
from tulou.contracts.governance.messages import Policy
from tulou.contracts.identity.messages import RoleBinding
from tulou.contracts.limits.messages import Limit
from tulou.contracts.routing.messages import RetryPolicy, Route, TrafficShare
from tulou.contracts.serving.messages import DeploymentSpec, UpstreamTarget
from tulou.kernel.errors import InvalidError, TooLargeError, TulouError
from tulou.services.configuration.domain.dangling import ModelNames, dangling
from tulou.services.configuration.domain.document import (
    SECTIONS,
    CredentialEntry,
    Entry,
    PriceEntry,
    PrincipalEntry,
    ProjectEntry,
    TenantEntry,
    UpstreamEntry,
    named,
)
from tulou.services.configuration.domain.reading import declared, read_document
from tulou.services.configuration.domain.writing import plain, written

MOST = 100_000
ACME = TenantEntry(name="acme", title='Acme: "the" first')
ENTRIES: dict[str, list[Entry]] = {
    "tenants": [
        TenantEntry(name="default"),
        TenantEntry(name="acme", title='Acme: "the" first'),
        TenantEntry(name="no"),
    ],
    "projects": [ProjectEntry(name="web", tenant="acme"), ProjectEntry(name="default", tenant="acme")],
    "principals": [
        PrincipalEntry(
            name="ann",
            email="Ann@X.org",
            roles=(RoleBinding(role="b", project="web"), RoleBinding(role="a")),
            attributes={"team": "red", "level": 3, "on": True},
        )
    ],
    "policies": [Policy(name="p", text="// one\nforbid(principal, action, resource);\n", enabled=False)],
    "upstreams": [
        UpstreamEntry(
            name="u",
            provider="openai",
            capabilities=(),
            paths={"chat": "/x"},
            headers=(("a", "b"),),
            credentials=(CredentialEntry(name="default", reference="env://K"),),
        )
    ],
    "deployments": [
        DeploymentSpec(
            name="d",
            upstreams=(UpstreamTarget(upstream="u", model="m", weight=2.5),),
            options={"threads": 2, "pooling": "mean", "warm": True, "rate": 1.0},
        ),
        DeploymentSpec(
            name="many",
            upstreams=(
                UpstreamTarget(
                    upstream="u",
                    model="*",
                    defaults=RequestDefaults(temperature=0.5, stop=("a", "b")),
                    extra_body={"provider": {"order": ["a", 1, 2.5, None, True]}},
                    deadlines=CallDeadlines(total_s=900.0),
                ),
            ),
            defaults=RequestDefaults(max_tokens=100),
        ),
    ],
    "routes": [
        Route(model="d", shares=(TrafficShare(deployment="d"),)),
        Route(model="many/*", shares=(TrafficShare(deployment="many"),), fallbacks=("d",)),
        Route(model="r", shares=(TrafficShare(deployment="d", weight=3.0),), retry=RetryPolicy(attempts=2)),
    ],
    "prices": [PriceEntry(model="m", input=0.15, cached=0.0, since=1767225600.0)],
    "limits": [Limit(name="l", scope="key", measure="cost", amount=1e-7, period="month", warn_at=(0.5, 0.9))],
    "roles": [],
}


def test_what_is_written_is_read_again_as_the_same() -> None:
    resources = {section: named(section, ENTRIES[section]) for section in SECTIONS}
    text = written(resources)
    assert declared(read_document(text, most=MOST)) == resources
    assert written(declared(read_document(text, most=MOST))) == text


def test_what_is_as_usual_is_left_out_and_policies_are_written_in_lines() -> None:
    resources = {section: named(section, ENTRIES[section]) for section in SECTIONS}
    text = written(resources)
    document = yaml.safe_load(text)
    assert document["tenants"] == [{"name": "acme", "title": 'Acme: "the" first'}, {"name": "no"}]
    assert document["projects"] == [{"name": "web", "tenant": "acme"}], "each tenant has a project default anyway"
    assert [route["model"] for route in document["routes"]] == ["many/*", "r"], "each deployment has a route anyway"
    assert document["routes"][1]["retry"] == {"attempts": 2}
    assert document["deployments"][0]["engine"] == "remote"
    assert document["principals"][0]["email"] == "ann@x.org"
    assert "text: |\n    // one\n    forbid" in text


@settings(max_examples=150)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_and_any_number_come_back_from_yaml_as_they_were(text: str, number: float) -> None:
    policy = Policy(name="p", text=text)
    price = PriceEntry(model="m", input=number)
    found = read_document(written({"policies": {"p": policy}, "prices": {"m": price}}), most=MOST)
    assert (found.policies, found.prices) == ((policy,), (price,))


def test_a_list_that_is_left_out_is_not_declared() -> None:
    assert declared(read_document("version: 1\nlimits: []", most=MOST)) == {"limits": {}}


def test_json_is_yaml() -> None:
    found = read_document('{"version": 1, "tenants": [{"name": "acme"}]}', most=MOST)
    assert found.tenants == (TenantEntry(name="acme"),)


WRONG: list[tuple[str, str, type[TulouError]]] = [
    ("version: 1\ntenantz: []", "tenantz: no such field; did you mean 'tenants'?", InvalidError),
    ("version: 1\nlimits: [{nam: x}]", "limits[0].nam: no such field; did you mean 'name'?", InvalidError),
    ("version: 1\nprices: [{model: x, version: 3}]", "prices[0].version: no such field", InvalidError),
    ("version: 1\nprincipals: [{name: x, password: y}]", "principals[0].password: no such field", InvalidError),
    (
        "version: 1\nupstreams: [{name: x, provider: y, credentials: [{name: z, secret: s}]}]",
        "upstreams[0].credentials[0].secret: no such field",
        InvalidError,
    ),
    (
        "version: 1\ntenants: [{name: a}, {name: a}]",
        "tenants[1]: 'a' stands there already",
        InvalidError,
    ),
    ("version: 1\nversion: 1", "line 2: 'version' stands there twice", InvalidError),
    ("version: 1\ntenants:\n- name: a\n  name: b", "line 4: 'name' stands there twice", InvalidError),
    ("version: 2", "version: Invalid enum value 2", InvalidError),
    ("tenants: []", "Object missing required field `version`", InvalidError),
    ("", "the document is empty", InvalidError),
    ("- a", "Expected `object`, got `array`", InvalidError),
    ("version: [", "the document is not YAML", InvalidError),
    ("version: 1\n---\nversion: 1", "the document is not YAML", InvalidError),
    ("version: !!python/object:os.system 1", "the document is not YAML", InvalidError),
    ("a: &x [1]\nb: *x", "line 2: aliases are not taken", InvalidError),
    ("[" * 100, "deeper than 24 levels", InvalidError),
    ("version: 1\ntenants: [{name: no}]", "tenants[0].name: Expected `str`, got `bool`", InvalidError),
    ("version: 1\nprices: [{model: m, since: 2026-01-01}]", "prices[0].since: Expected `float`, got", InvalidError),
    ("version: 1\nprices: [{model: m, since: 2026-99-01}]", "the document is not YAML", InvalidError),
    ("version: 1\n# " + "x" * MOST, "more than 100000 bytes", TooLargeError),
]


@pytest.mark.parametrize(("text", "words", "kind"), WRONG)
def test_what_nobody_understands_is_named_with_its_place(text: str, words: str, kind: type[TulouError]) -> None:
    with pytest.raises(kind) as refused:
        read_document(text, most=MOST)
    assert words in str(refused.value)


def test_a_message_is_plain_without_what_is_as_usual() -> None:
    assert plain(PriceEntry(model="m", cached=0.0)) == {"model": "m", "cached": 0.0}


@pytest.mark.parametrize("value", ["!!bool maybe", "!!int ''", "!!timestamp never", "2026-13-45", "0x_", "1e400"])
def test_a_value_that_is_none_is_a_mistake_in_the_document(value: str) -> None:
    with pytest.raises(InvalidError):
        read_document(f"version: 1\ntenants: [{{name: a, title: {value}}}]\nlimits: 5", most=10_000)


def test_a_fallback_that_fits_a_pattern_is_there_and_one_that_fits_none_is_dangling() -> None:
    state = {section: dict(named(section, ENTRIES[section])) for section in SECTIONS}
    assert "many/gpt" in ModelNames(state)
    assert "few/gpt" not in ModelNames(state)
    state["routes"]["x"] = Route(model="x", shares=(TrafficShare(deployment="d"),), fallbacks=("many/gpt", "few/gpt"))
    assert [line for line in dangling(state, roles=("a", "b")) if "routes 'x'" in line] == [
        "routes 'x': there would be none of the models named 'few/gpt'"
    ]
