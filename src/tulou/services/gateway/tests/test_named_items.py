"""Items that a request names: each once, so that a short request stays one."""

import msgspec
import pytest

from tulou.contracts.files.messages import Owner
from tulou.contracts.responses.messages import StoredResponse
from tulou.services.gateway.endpoints.responses import Responding
from tulou.services.gateway.http.responses.items import Item
from tulou.services.gateway.http.responses.recorder import ResponseRecorder
from tulou.services.gateway.http.responses.references import references
from tulou.services.gateway.http.responses.store import ResponseStore
from tulou.services.gateway.refusals import WrongTypeError
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.store_breaker import StoreBreaker
from tulou.services.gateway.tests.gate import grant
from tulou.services.gateway.tests.house import FakeResponses
from tulou.testing.clock import ManualClock


def items(*written: str) -> list[Item]:
    return [msgspec.json.decode(each, type=Item) for each in written]


def test_items_are_named_by_their_places() -> None:
    given = items('{"id":"a"}', '{"type":"message","role":"user"}', '{"type":"item_reference","id":"b"}')
    assert references(given) == {0: "a", 2: "b"}


def test_an_item_that_is_named_twice_is_refused_by_its_place() -> None:
    with pytest.raises(WrongTypeError, match=r"input\[2\].id: item 'a' is named twice"):
        references(items('{"id":"a"}', '{"id":"b"}', '{"id":"a"}'))


async def test_a_request_that_is_made_anew_names_the_same_items() -> None:
    given = items('{"id":"secret"}', '{"id":"said"}', '{"type":"message","role":"user","content":"go on"}')
    output = items('{"type":"reasoning","id":"secret"}', '{"type":"message","id":"said"}')
    responses, clock = FakeResponses(), ManualClock()
    owner = Owner(tenant="default", project="default", key="key_1", principal="ana")
    responses.kept["resp_1"] = StoredResponse(
        id="resp_1",
        owner=owner,
        state="completed",
        body=msgspec.json.encode({"output": output}).decode(),
        input="[]",
        created_at=0.0,
        expires_at=1e12,
    )
    settings = GatewaySettings()
    keeping = ResponseStore(responses, StoreBreaker(within_s=10.0, clock=clock), settings, clock)
    making = ResponseRecorder(keeping, grant(project="default"), Responding(model="tiny", input=given))

    first, second = await making.request(b'{"model":"tiny"}'), await making.request(b'{"model":"tiny"}')

    assert first == second
    assert b"go on" in first
    assert b"reasoning" not in first
