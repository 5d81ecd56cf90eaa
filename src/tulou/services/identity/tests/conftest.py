"""Identity in a small house."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from tulou.contracts.identity.messages import Authenticate
from tulou.kernel.context import CONTEXT, Context, KeyActor, SessionActor
from tulou.services.identity.service import IdentityService, SignInCounters, SignInNeeds, UseCaseContext
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.tests.fakes import NoCredentials, NoWeb, RoleBook
from tulou.testing.house import SmallHouse, open_house

CHEAP = IdentitySettings(argon2_passes=1, argon2_memory_kib=8, argon2_lanes=1)
"""Hashes that cost nothing, for tests that are not about them."""

Acting = Callable[..., AbstractContextManager[None]]


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.identity.migrations") as opened:
        yield opened


def service_in(
    house: SmallHouse,
    settings: IdentitySettings = CHEAP,
    *,
    registry: CollectorRegistry | None = None,
    governance: RoleBook | None = None,
) -> IdentityService:
    room = UseCaseContext(
        database=house.database,
        outbox=house.outbox,
        clock=house.clock,
        settings=settings,
        governance=governance or RoleBook(),
    )
    outside = SignInNeeds(
        cache=house.cache,
        vault=house.vault,
        web=NoWeb(),
        credentials=NoCredentials(),
        house="test",
        counters=SignInCounters(registry or CollectorRegistry()),
    )
    return IdentityService(room, outside)


@pytest.fixture
def identity(house: SmallHouse) -> IdentityService:
    return service_in(house)


@contextmanager
def acting(tenant: str, principal: str, *, project: str = "default", house: bool = False) -> Generator[None]:
    """Call as a key of a principal would."""
    token = CONTEXT.set(
        Context(actor=KeyActor(tenant=tenant, principal=principal, id="key_test"), project=project, house=house)
    )
    try:
        yield
    finally:
        CONTEXT.reset(token)


@contextmanager
def signed_in(session: str, tenant: str, principal: str) -> Generator[None]:
    """Call as a session of a principal would."""
    token = CONTEXT.set(Context(actor=SessionActor(tenant=tenant, principal=principal, id=session), project="default"))
    try:
        yield
    finally:
        CONTEXT.reset(token)


async def as_known(identity: IdentityService, secret: str) -> Context:
    """Return the context that a request with this secret would have."""
    who = await identity.authenticate(Authenticate(secret=secret))
    return replace(
        CONTEXT.get(),
        tenant=who.tenant,
        principal=who.principal,
        key=who.key,
        session=who.session,
        project=who.project,
        roles=who.roles,
    )
