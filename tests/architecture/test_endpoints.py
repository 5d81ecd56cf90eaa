"""An endpoint is one value: its facts are complete, and no table elsewhere lists endpoints by hand."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import get_args

from tulou.contracts.endpoints import ENDPOINTS, Endpoint, ServedTask, VendorEndpoint, endpoints_where
from tulou.services.gateway.dialects import matrix, own
from tulou.services.gateway.dialects.catalogue import CLIENTS
from tulou.services.gateway.endpoints.catalogue import ALL, SERVED, WAYS

WRITTEN_BY_HAND = {
    "src/tulou/contracts/endpoints.py": "the facts themselves",
    "src/tulou/cli/litellm/azure.py": "what Azure has at a deployment",
    "src/tulou/cli/litellm/entries.py": "LiteLLM's words for what a model is for",
    "src/tulou/cli/litellm/servers.py": "what Google has at an address",
    "src/tulou/services/gateway/dialects/catalogue.py": "the dialects that clients speak",
    "src/tulou/services/gateway/dialects/matrix.py": "the columns of a page about these",
    "src/tulou/services/gateway/dialects/own.py": "the fields that the house's engines honour, in each dialect",
    "src/tulou/services/gateway/stack/defaults.py": "how each dialect calls a cap on output",
}
"""Tables of something else than endpoints, by why; those that must hold certain endpoints are compared below."""


def listed(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of displays in which two endpoints or more are named."""
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
                named = [part for part in parts if isinstance(part, ast.Constant) and part.value in ENDPOINTS]
                if len(named) > 1:
                    yield node.lineno
            case _:
                continue


def test_every_endpoint_has_facts_in_the_order_of_their_names() -> None:
    assert tuple(ENDPOINTS) == get_args(Endpoint)
    assert [facts.name for facts in ENDPOINTS.values()] == list(ENDPOINTS)
    assert set(get_args(VendorEndpoint)) <= set(ENDPOINTS)


def test_no_two_endpoints_share_a_path() -> None:
    times = Counter(path for facts in ENDPOINTS.values() for path in facts.paths)
    assert [path for path, count in times.items() if count > 1 or not path.startswith("/")] == []


def test_models_of_every_task_can_be_asked_and_are_known_by_one_endpoint_at_most() -> None:
    known = [facts.known_for for facts in ENDPOINTS.values() if facts.known_for is not None]
    assert len(set(known)) == len(known)
    assert {task for facts in ENDPOINTS.values() for task in facts.tasks} == set(get_args(ServedTask))
    assert all(facts.known_for is None or facts.known_for in facts.tasks for facts in ENDPOINTS.values())


def test_the_gate_answers_every_endpoint_and_describes_each_once() -> None:
    assert tuple(SERVED) == tuple(ENDPOINTS)
    assert all(endpoint.facts is ENDPOINTS[name] for name, endpoint in SERVED.items())
    for told in ("operation", "schema", "summary"):
        assert len({getattr(endpoint.described, told) for endpoint in ALL}) == len(ALL)


def test_every_endpoint_leads_to_some_replica() -> None:
    assert [name for name, facts in ENDPOINTS.items() if not facts.native and name not in WAYS] == []


def test_no_table_elsewhere_lists_endpoints(trees: Mapping[str, ast.Module]) -> None:
    found = {name: list(listed(tree)) for name, tree in trees.items() if "/tests/" not in name}
    there = {name: lines for name, lines in found.items() if lines}
    unknown = {name: lines for name, lines in there.items() if name not in WRITTEN_BY_HAND}
    assert unknown == {}, "derive it from `contracts.endpoints`, or put it into the endpoint's own value"
    assert WRITTEN_BY_HAND.keys() == there.keys(), "it holds none any more: leave it out here"


def test_tables_of_dialects_hold_the_endpoints_of_these_dialects() -> None:
    writing = set(endpoints_where(lambda facts: facts.writes))
    assert set(CLIENTS) == set(matrix.CLIENTS) == writing
    assert all(SERVED[name].client is client for name, client in CLIENTS.items())
    passed = set(endpoints_where(lambda facts: facts.counted and "openai" in facts.native))
    assert own.HONOURED.keys() == own.REFUSED.keys() == passed
