"""Every decision is counted once, by its outcome."""

from prometheus_client import CollectorRegistry

from tulou.contracts.governance.messages import Decide, Policy, Resource, Subject
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.settings import GovernanceSettings
from tulou.testing.house import SmallHouse

FORBID = 'forbid(principal, action == Action::"keys:write", resource);'


def ask(action: str, *roles: str) -> Decide:
    subject = Subject(tenant="default", principal="ana", roles=roles)
    return Decide(subject=subject, action=action, resource=Resource(kind="key", tenant="default"))


async def test_what_is_allowed_denied_and_forbidden(house: SmallHouse) -> None:
    registry = CollectorRegistry()
    things = {GovernanceSettings: GovernanceSettings(), CollectorRegistry: registry}
    async with COMPONENT.build(house.provided(things)) as governance:
        await governance.put_policy(Policy(name="no-keys", text=FORBID))
        for action, roles in (
            ("keys:read", ("developer",)),
            ("keys:read", ("admin",)),
            ("keys:read", ()),
            ("keys:write", ("admin",)),
        ):
            await governance.decide(ask(action, *roles))

    outcomes = ("allowed", "denied", "forbidden")
    found = [registry.get_sample_value("tulou_governance_decisions_total", {"outcome": each}) for each in outcomes]
    assert found == [2, 1, 1]
