"""A source that is away holds up no other's news, but no house starts without having heard each."""

from dataclasses import dataclass

import pytest

from tulou.contracts.governance.messages import GetPolicySet, PolicySet
from tulou.contracts.identity.messages import GrantList, ListGrants
from tulou.contracts.limits.messages import Limit, LimitList, ListLimits
from tulou.contracts.metering.messages import ListPrices, PriceList
from tulou.contracts.serving.messages import DeploymentList, ListDeployments
from tulou.kernel.errors import UnavailableError
from tulou.services.routing.sources import Sources

LIMIT = Limit(name="l", scope="key", measure="requests", amount=1, period="minute")


@dataclass
class Everybody:
    """As much of each service as routing asks for; any of them may be away."""

    away: str = ""
    version: int = 1

    async def grants(self, _: ListGrants) -> GrantList:
        self._check("identity")
        return GrantList(items=())

    async def deployments(self, _: ListDeployments) -> DeploymentList:
        self._check("serving")
        return DeploymentList(items=())

    async def limits(self, _: ListLimits) -> LimitList:
        self._check("limits")
        return LimitList(items=(LIMIT,))

    async def prices(self, _: ListPrices) -> PriceList:
        self._check("metering")
        return PriceList(items=(), version=self.version)

    async def policy_set(self, _: GetPolicySet) -> PolicySet:
        self._check("governance")
        return PolicySet()

    def _check(self, name: str) -> None:
        if name == self.away:
            raise UnavailableError(f"{name} is away")


def sources(all_of: Everybody) -> Sources:
    stubs: dict[str, object] = dict.fromkeys(("identity", "serving", "limits", "metering", "governance"), all_of)
    return Sources(**stubs)  # pyright: ignore[reportArgumentType] - each stub has just what is asked of it


@pytest.mark.parametrize("name", ["identity", "serving", "limits", "metering", "governance"])
async def test_before_each_source_was_heard_once_nothing_is_known(name: str) -> None:
    with pytest.raises(UnavailableError, match=name):
        await sources(Everybody(away=name)).all()


async def test_a_source_that_is_away_is_taken_at_its_last_word_and_the_others_at_their_newest() -> None:
    services = Everybody()
    asked = sources(services)
    before = await asked.all()

    services.away, services.version = "limits", 2
    after = await asked.all()

    assert before.limits == after.limits == (LIMIT,)
    assert (before.prices.version, after.prices.version) == (1, 2)
