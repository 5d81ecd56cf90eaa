"""A key never makes a wider or a longer-lived one, along whatever chain."""

from collections.abc import Generator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from random import Random

import pytest

from tulou.contracts.identity.messages import (
    CreatedKey,
    CreateKey,
    Key,
    ListGrants,
    NameKey,
    NamePrincipal,
    PutPrincipal,
)
from tulou.kernel import context as acts
from tulou.kernel.context import CONTEXT, Context
from tulou.kernel.errors import ForbiddenError
from tulou.services.identity.domain.narrowing import MOST_MAKERS
from tulou.services.identity.service import IdentityService
from tulou.testing.house import SmallHouse

MODELS = ("*", "a", "a*", "a?", "ab", "ab*", "abc", "b", "b*", "*c", "a*c", "?b*", "**", "a**")
NAMES = ("a", "ab", "abc", "abd", "ac", "b", "bc", "bbc", "c", "cb", "d")
PROOF = "a horse that eats 7 staples"


@contextmanager
def by(key: Key) -> Generator[None]:
    """Call as a key of the house does."""
    at = Context(
        actor=acts.KeyActor(tenant=key.tenant, principal=key.principal, id=key.id), project=key.project, house=True
    )
    token = CONTEXT.set(at)
    try:
        yield
    finally:
        CONTEXT.reset(token)


async def make(identity: IdentityService, *models: str, expires_at: float | None = None) -> CreatedKey:
    wanted = CreateKey(name="k", principal="bot", scopes=("admin", "inference"), models=models, expires_at=expires_at)
    return await identity.create_key(wanted)


def opens(key: Key) -> set[str]:
    return {name for name in NAMES if any(fnmatchcase(name, pattern) for pattern in key.models)}


@pytest.mark.parametrize("seed", range(8))
async def test_no_chain_of_keys_reaches_beyond_its_first(
    identity: IdentityService, house: SmallHouse, seed: int
) -> None:
    random, now = Random(seed), house.clock.now()  # noqa: S311 - no secret
    first = (await make(identity, *random.sample(MODELS, 2), expires_at=random.choice((None, now + 500)))).key
    known, refused = [first], 0
    for _ in range(60):
        models = random.sample(MODELS, random.randint(1, 3))
        ends = random.choice((None, now + 60, now + 500, now + 501, now + 9e9))
        with by(random.choice(known)):
            try:
                known.append((await make(identity, *models, expires_at=ends)).key)
            except ForbiddenError:
                refused += 1
    assert refused
    for key in known:
        assert opens(key) <= opens(first), key.models
        assert first.expires_at is None or (key.expires_at is not None and key.expires_at <= first.expires_at)


@pytest.mark.parametrize(
    ("mine", "asked", "allowed"),
    [
        (("demo-*",), ("demo-1",), True),
        (("demo-*",), ("demo-1*", "demo-*"), True),
        (("demo-*", "x"), ("x", "demo-2"), True),
        (("*",), ("*", "any?thing*"), True),
        (("demo-*",), ("*",), False),
        (("demo-*",), ("demo*",), False),
        (("demo-*",), ("demo-1", "other"), False),
        (("demo",), ("dem?",), False),
        (("d*o",), ("d*",), False),
    ],
)
async def test_a_key_makes_keys_for_its_own_models_alone(
    identity: IdentityService, mine: tuple[str, ...], asked: tuple[str, ...], *, allowed: bool
) -> None:
    with by((await make(identity, *mine)).key):
        if allowed:
            assert (await make(identity, *asked)).key.models == asked
            return
        with pytest.raises(ForbiddenError, match="does not cover") as refused:
            await make(identity, *asked)
        assert (refused.value.param or "").startswith("models[")


async def test_a_key_that_ends_makes_none_that_lives_on(identity: IdentityService, house: SmallHouse) -> None:
    ends = house.clock.now() + 60
    with by((await make(identity, "*", expires_at=ends)).key):
        assert (await make(identity, "*", expires_at=ends)).key.expires_at == ends
        for later in (None, ends + 1):
            with pytest.raises(ForbiddenError, match="the key that asks expires at"):
                await make(identity, "*", expires_at=later)


async def test_a_narrow_key_sets_no_password_by_which_somebody_would_sign_in_and_make_wider_ones(
    identity: IdentityService, house: SmallHouse
) -> None:
    wanted = PutPrincipal(tenant="default", name="eve", email="eve@example.org", password=PROOF)
    narrow = (await make(identity, "demo-*"), await make(identity, "*", expires_at=house.clock.now() + 60))
    for made in narrow:
        with by(made.key), pytest.raises(ForbiddenError, match="sets no password"):
            await identity.put_principal(wanted)
    with by((await make(identity, "*")).key):
        assert (await identity.put_principal(wanted)).has_password


async def test_a_narrow_key_lets_no_wider_one_in_that_came_back(identity: IdentityService) -> None:
    await identity.put_principal(PutPrincipal(tenant="default", name="ana"))
    wide = (await identity.create_key(CreateKey(name="wide", principal="ana"))).key
    narrow = (await make(identity, "demo-*")).key
    await identity.delete_principal(NamePrincipal(tenant="default", name="ana"))
    await identity.put_principal(PutPrincipal(tenant="default", name="ana", restore=0.0))
    with by(narrow), pytest.raises(ForbiddenError, match="does not cover"):
        await identity.enable_key(NameKey(id=wide.id))
    assert (await identity.enable_key(NameKey(id=wide.id))).disabled == ""


async def test_a_key_knows_the_keys_that_its_principal_made_it_with(identity: IdentityService) -> None:
    first = (await make(identity, "*")).key
    assert first.makers == ()
    with by(first):
        second = (await make(identity, "a")).key
        others = CreateKey(name="k", principal="ana", scopes=("inference",), models=("a",))
        assert (await identity.create_key(others)).key.makers == (), "what is another's binds it, not the maker's"
    with by(second):
        third = (await make(identity, "a")).key
    assert (second.makers, third.makers) == ((first.id,), (first.id, second.id))
    assert (await identity.key(NameKey(id=third.id))).makers == third.makers
    granted = {one.key: one.makers for one in (await identity.grants(ListGrants())).items}
    assert granted[third.id] == third.makers


async def test_a_chain_of_keys_has_an_end(identity: IdentityService) -> None:
    key = (await make(identity, "*")).key
    for _ in range(MOST_MAKERS):
        with by(key):
            key = (await make(identity, "*")).key
    with by(key), pytest.raises(ForbiddenError, match="made by a key"):
        await make(identity, "*")
