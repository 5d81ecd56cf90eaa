"""What a caller leaves with the house is theirs."""

from tulou.chassis.rest.owner import owner
from tulou.contracts.files.messages import Owner
from tulou.kernel.context import CONTEXT, Context, KeyActor


def test_what_comes_with_a_request_belongs_to_who_sent_it() -> None:
    token = CONTEXT.set(
        Context(actor=KeyActor(tenant="north", principal="ana", id="key_1"), project="web", request_id="req_1")
    )
    try:
        assert owner() == Owner(tenant="north", project="web", key="key_1", principal="ana")
    finally:
        CONTEXT.reset(token)
