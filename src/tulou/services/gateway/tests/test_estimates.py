"""What a request may take at most, as it is known from its body."""

import pytest

from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.services.gateway.endpoints.read import read
from tulou.services.gateway.http.calls import make_call
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.quota.estimate import estimate
from tulou.services.gateway.snapshot.stacks import RouteStack
from tulou.services.gateway.tests.builders import Fake

GRANT = Grant(key="key_1", digest="00", tenant="acme", principal="ana", project="app", scopes=("inference",))
LANE = RouteStack("m", Fake(), "m")


@pytest.mark.parametrize(
    ("endpoint", "body", "expected"),
    [
        ("chat", b'{"model": "m", "messages": [], "max_tokens": 7}', (12, 7, True)),
        ("chat", b'{"model": "m", "messages": [], "max_completion_tokens": 9, "n": 2}', (17, 18, True)),
        ("completions", b'{"model": "m", "prompt": "", "max_tokens": 3}', (12, 3, True)),
        ("responses", b'{"model": "m", "max_output_tokens": 5}', (10, 5, True)),
        ("messages", b'{"model": "m", "messages": [], "max_tokens": 0}', (12, 0, True)),
        ("chat", b'{"model": "m", "messages": [], "n": 3}', (10, 300, False)),
        ("chat", b'{"model": "m", "messages": [], "max_tokens": -1}', (12, 100, False)),
        ("embeddings", b'{"model": "m", "input": "x"}', (7, 0, True)),
    ],
)
def test_an_estimate_takes_what_the_client_allows_or_a_setting(
    endpoint: Endpoint, body: bytes, expected: tuple[int, int, bool]
) -> None:
    record = Record(endpoint, "req_1", 0.0)
    record.grant = GRANT
    assert estimate(make_call(record, {}, read(endpoint, body), body, LANE), output_tokens=100) == expected
