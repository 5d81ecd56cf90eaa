"""Somebody with a password, for tests that sign in."""

from collections.abc import Generator
from contextlib import contextmanager

import argon2
import pytest

from tulou.contracts.identity.messages import PutPrincipal, RoleBinding, SignedIn, SignIn
from tulou.services.identity.service import IdentityService

EMAIL = "ana@example.org"
PASSWORD = "four words are fine"
ANA = PutPrincipal(tenant="default", name="ana", email=EMAIL, roles=(RoleBinding(role="developer"),), password=PASSWORD)


async def enter(identity: IdentityService, password: str = PASSWORD, *, code: str = "", address: str = "") -> SignedIn:
    """Sign in as Ana."""
    return await identity.sign_in(SignIn(email=EMAIL, password=password, code=code, address=address, agent="test"))


class Looks:
    """How often argon2 has looked at a password."""

    count = 0


@contextmanager
def counted_looks() -> Generator[Looks]:
    """Count while the block runs."""
    looks, real = Looks(), argon2.PasswordHasher.verify

    def verify(self: argon2.PasswordHasher, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - argon2's name
        looks.count += 1
        return real(self, hash, password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2.PasswordHasher, "verify", verify)
        yield looks
