"""What every master key adapter must do."""

# ruff: noqa: S101, D102 - a suite of tests, whose names are sentences

import asyncio
import re
import secrets
from dataclasses import replace

import pytest

from tulou.chassis.vault import Vault, key_of
from tulou.kernel.errors import TulouError, UnavailableError
from tulou.ports.master_key import MasterKey


class MasterKeySuite:
    """Needs the fixture `master` (a key that nothing was wrapped with yet)."""

    async def test_what_was_wrapped_is_unwrapped(self, master: MasterKey) -> None:
        keys = [secrets.token_bytes(32) for _ in range(5)]
        wrapped = await asyncio.gather(*(master.wrap(key) for key in keys))
        assert [await master.unwrap(one) for one in wrapped] == keys
        assert len({one.key_id for one in wrapped}) == 1
        assert re.fullmatch(r"[A-Za-z0-9_:-]{1,128}", wrapped[0].key_id)

    async def test_what_is_wrapped_does_not_hold_the_key(self, master: MasterKey) -> None:
        key = secrets.token_bytes(32)
        first, second = await master.wrap(key), await master.wrap(key)
        assert key not in first.data
        assert first.data != second.data

    async def test_what_was_changed_does_not_open(self, master: MasterKey) -> None:
        wrapped = await master.wrap(secrets.token_bytes(32))
        middle = len(wrapped.data) // 2
        changed = wrapped.data[:middle] + bytes([wrapped.data[middle] ^ 1]) + wrapped.data[middle + 1 :]
        with pytest.raises(TulouError):
            await master.unwrap(replace(wrapped, data=changed))

    async def test_the_vault_stands_on_it(self, master: MasterKey) -> None:
        vault = Vault(master)
        sealed = await vault.seal(b"sk-secret", bound_to="row-1")
        assert await vault.open(sealed, bound_to="row-1") == b"sk-secret"


class RotatingMasterKeySuite(MasterKeySuite):
    """The same, for adapters that can make a new key."""

    async def test_after_a_rotation_new_and_old_open_and_the_new_one_wraps(self, master: MasterKey) -> None:
        vault = Vault(master)
        before = await vault.seal(b"a", bound_to="row")
        rotated = await master.rotate()
        after = await vault.seal(b"b", bound_to="row")
        assert [key_of(before) == rotated, key_of(after) == rotated] == [False, True]
        assert [await vault.open(one, bound_to="row") for one in (before, after)] == [b"a", b"b"]
        again = await vault.rewrap(before)
        assert key_of(again) == rotated
        assert await vault.open(again, bound_to="row") == b"a"
        assert await vault.rewrap(again) == again


class LocalMasterKeySuite(MasterKeySuite):
    """The same, for adapters that know which keys they have."""

    async def test_a_key_that_is_not_there_is_named(self, master: MasterKey) -> None:
        wrapped = await master.wrap(secrets.token_bytes(32))
        with pytest.raises(UnavailableError, match="no master key 0123456789abcdef"):
            await master.unwrap(replace(wrapped, key_id="0123456789abcdef"))
