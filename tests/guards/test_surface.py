"""Routes, messages, `house.yaml`, settings and operations stay what others have built on."""

from collections.abc import Mapping

import pytest

from tests.guards import golden
from tests.guards.surface import SURFACES, changes

WRITE = "`python -m tests.guards.surface` writes it into tests/guards/golden"


@pytest.mark.parametrize("name", SURFACES)
def test_nothing_that_others_have_built_on_goes_or_changes(name: str) -> None:
    found = changes(name, SURFACES[name]())
    report = "\n".join((*found.broken, *found.came))

    assert not found.broken, f"{name}: this breaks who relies on it (docs/howto/guards.md):\n{report}"
    assert not found.came, f"{name}: this is new, and welcome; {WRITE}:\n{report}"


KNOWN: Mapping[str, str] = {
    "POST /api/v1/keys": "create_key",
    "POST /api/v1/keys takes application/json": "required NewKey",
    "sent NewKey": "open",
    "sent NewKey.name": "required string",
    "sent NewKey.scopes": "[Scope] = []",
    "answered Key": "open",
    "answered Key.id": "required string",
    "answered Key.name": "string",
    'Scope may be "admin"': "a word",
}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"GET /api/v1/new": "list_new"}, "came"),
        ({"sent NewKey.title": 'string = ""'}, "came"),
        ({"answered Key.title": "required string"}, "came"),
        ({"sent Other": "open", "sent Other.name": "required string"}, "came"),
        ({'Scope may be "agent"': "a word"}, "came"),
        ({"sent NewKey.title": "required string"}, "broken"),
        ({"POST /api/v1/keys ?query.tenant": "required string"}, "broken"),
        ({"sent NewKey.scopes": "[Scope] | null = null"}, "broken"),
        ({"sent NewKey.scopes": "required [Scope]"}, "broken"),
        ({"sent NewKey.name": "string"}, "came"),
        ({"answered Key.name": "required string"}, "came"),
        ({"answered Key.id": "string"}, "broken"),
        ({"answered Key.id": "integer"}, "broken"),
        ({"answered Key.id": ""}, "broken"),
        ({'Scope may be "admin"': ""}, "broken"),
    ],
)
def test_what_breaks_a_client_is_told_from_what_only_adds(
    change: Mapping[str, str], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(_: str) -> Mapping[str, str]:
        return KNOWN

    monkeypatch.setattr(golden, "read", known)
    found = changes("rest.txt", {key: told for key, told in {**KNOWN, **change}.items() if told})
    assert (bool(found.came), bool(found.broken)) == (verdict == "came", verdict == "broken")
