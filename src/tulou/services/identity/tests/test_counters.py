"""Every try to sign in is counted once, by its outcome."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry
from pyotp.totp import TOTP

from tulou.contracts.identity.messages import BeginSecondFactor, ConfirmSecondFactor, FinishFederated
from tulou.kernel.errors import ForbiddenError, LimitedError, UnauthenticatedError
from tulou.services.identity.tests.conftest import CHEAP, service_in
from tulou.services.identity.tests.people import ANA, enter
from tulou.services.identity.tests.provider import SmallProvider
from tulou.services.identity.tests.test_federation import come_back, service_at
from tulou.testing.house import SmallHouse


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def counted(registry: CollectorRegistry) -> dict[tuple[str, str], float]:
    """Return how often there was which outcome, by `by` and `outcome`."""
    [family] = registry.collect()
    return {
        (each.labels["by"], each.labels["outcome"]): each.value
        for each in family.samples
        if each.name == "tulou_identity_sign_ins_total" and each.value
    }


async def test_passwords_and_second_factors(house: SmallHouse, registry: CollectorRegistry) -> None:
    identity = service_in(house, registry=registry)
    await identity.put_principal(ANA)
    await enter(identity)
    with pytest.raises(UnauthenticatedError):
        await enter(identity, "not her password")
    begun = await identity.begin_second_factor(BeginSecondFactor(tenant="default", principal="ana"))
    totp = TOTP(begun.secret)
    code = totp.at(int(house.clock.now()))
    await identity.confirm_second_factor(ConfirmSecondFactor(tenant="default", principal="ana", code=code))
    house.clock.advance(30)
    await enter(identity)
    with pytest.raises(UnauthenticatedError):
        await enter(identity, code="000000")
    await enter(identity, code=totp.at(int(house.clock.now())))

    assert counted(registry) == {
        ("password", "ok"): 2,
        ("password", "wrong_password"): 1,
        ("password", "second_factor"): 1,
        ("password", "wrong_code"): 1,
    }


async def test_who_tries_too_often_and_who_may_not_come_in(house: SmallHouse, registry: CollectorRegistry) -> None:
    identity = service_in(house, replace(CHEAP, guesses_account=0), registry=registry)
    await identity.put_principal(replace(ANA, suspended="on leave"))
    with pytest.raises((UnauthenticatedError, ForbiddenError)):
        await enter(identity)
    with pytest.raises(LimitedError):
        await enter(identity)

    assert counted(registry) == {("password", "refused"): 1, ("password", "limited"): 1}


async def test_providers(house: SmallHouse, registry: CollectorRegistry) -> None:
    provider = SmallProvider(clock=house.clock)
    identity = service_at(house, provider, registry=registry)
    await come_back(identity, provider)
    with pytest.raises(UnauthenticatedError):
        await identity.finish_federated(FinishFederated(state="never begun", code="code"))

    assert counted(registry) == {("oidc", "ok"): 1, ("oidc", "refused"): 1}
