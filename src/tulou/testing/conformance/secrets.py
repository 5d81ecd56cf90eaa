"""What every secrets adapter that can be written to must do."""

# ruff: noqa: S101, D102 - a suite of tests, whose names are sentences

import asyncio

import pytest

from tulou.kernel.errors import InvalidError
from tulou.ports.secrets import Secrets


class SecretsSuite:
    """Needs the fixture `secrets` (empty)."""

    async def test_a_secret_is_kept_and_replaced(self, secrets: Secrets) -> None:
        assert await secrets.find("signing.key-1") is None
        await secrets.put("signing.key-1", b"\x00\xff\n")
        assert await secrets.find("signing.key-1") == b"\x00\xff\n"
        await secrets.put("signing.key-1", b"")
        assert await secrets.find("signing.key-1") == b""

    async def test_all_who_create_a_secret_together_get_the_same(self, secrets: Secrets) -> None:
        kept = await asyncio.gather(*(secrets.create("token", b"%d" % number) for number in range(20)))
        assert len(set(kept)) == 1
        assert await secrets.find("token") == kept[0]
        assert await secrets.create("token", b"other") == kept[0]

    @pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "../a", "a b", "a\n", "a" * 300])
    async def test_what_is_no_name_is_refused(self, secrets: Secrets, name: str) -> None:
        with pytest.raises(InvalidError):
            await secrets.find(name)
        with pytest.raises(InvalidError):
            await secrets.put(name, b"1")
        with pytest.raises(InvalidError):
            await secrets.create(name, b"1")
