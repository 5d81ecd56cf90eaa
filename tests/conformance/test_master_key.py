"""Master keys in files, in the environment, and in a key management server."""

import secrets
from base64 import b64encode
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.conformance.transit import TOKEN, Transit
from tulou.adapters.files.environment_key import EnvironmentMasterKey, keys_of, open_environment_master_key
from tulou.adapters.files.master_key import open_file_master_key
from tulou.adapters.transit.master_key import open_transit_master_key
from tulou.chassis.vault import Vault
from tulou.http.server.server import serving
from tulou.kernel.errors import ForbiddenError, InvalidError, UnavailableError
from tulou.ports.master_key import MasterKey
from tulou.testing.conformance.master_key import LocalMasterKeySuite, RotatingMasterKeySuite
from tulou.testing.memory.master_key import MemoryMasterKey
from tulou.testing.servers.forward_proxy import forward_proxy


class TestMemoryMasterKey(RotatingMasterKeySuite, LocalMasterKeySuite):
    @pytest.fixture
    def master(self) -> MasterKey:
        return MemoryMasterKey()


class TestFileMasterKey(RotatingMasterKeySuite, LocalMasterKeySuite):
    @pytest.fixture
    async def master(self, tmp_path: Path) -> AsyncGenerator[MasterKey]:
        async with open_file_master_key(f"file://{tmp_path}/secrets") as master:
            yield master

    async def test_the_key_is_made_at_the_first_start_for_its_owner_alone(self, tmp_path: Path) -> None:
        async with open_file_master_key(f"file://{tmp_path}/secrets"):
            file = tmp_path / "secrets" / "master-key"
            assert len(file.read_bytes()) == 32
            assert file.stat().st_mode & 0o777 == 0o600

    async def test_a_key_that_others_may_read_is_refused(self, master: MasterKey, tmp_path: Path) -> None:
        (tmp_path / "secrets" / "master-key").chmod(0o644)
        with pytest.raises(ForbiddenError, match="may be read by others"):
            await master.wrap(bytes(32))

    async def test_another_process_that_rotated_is_understood_at_once(self, master: MasterKey, tmp_path: Path) -> None:
        before = await master.wrap(bytes(32))
        async with open_file_master_key(f"file://{tmp_path}/secrets") as other:
            rotated = await other.rotate()
            after = await other.wrap(bytes(32))
        assert (await master.wrap(bytes(32))).key_id == rotated == after.key_id
        assert await master.unwrap(before) == await master.unwrap(after) == bytes(32)

    async def test_a_key_that_was_lost_is_named(self, master: MasterKey, tmp_path: Path) -> None:
        wrapped = await master.wrap(bytes(32))
        (tmp_path / "secrets" / "master-key").unlink()
        with pytest.raises(UnavailableError, match=f"put master-key.{wrapped.key_id} back"):
            await master.unwrap(wrapped)

    async def test_a_file_that_holds_no_key_is_refused(self, tmp_path: Path) -> None:
        async with open_file_master_key(f"file://{tmp_path}/secrets") as master:
            (tmp_path / "secrets" / "master-key").write_bytes(b"short")
            with pytest.raises(InvalidError, match="a master key has 32 bytes; this one has 5"):
                await master.wrap(bytes(32))


class TestEnvironmentMasterKey(LocalMasterKeySuite):
    @pytest.fixture
    async def master(self, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[MasterKey]:
        monkeypatch.setenv("OUR_MASTER_KEY", b64encode(secrets.token_bytes(32)).decode())
        async with open_environment_master_key("env://OUR_MASTER_KEY") as master:
            yield master

    async def test_an_older_key_opens_and_the_first_one_wraps(self) -> None:
        variables = {name: b64encode(secrets.token_bytes(32)).decode() for name in ("OLD", "NEW")}
        old = EnvironmentMasterKey(keys_of("env://OLD", variables))
        new = EnvironmentMasterKey(keys_of("env://NEW,OLD", variables))
        sealed = await Vault(old).seal(b"sk", bound_to="row")
        again = await Vault(new).rewrap(sealed)
        assert await Vault(EnvironmentMasterKey(keys_of("env://NEW", variables))).open(again, bound_to="row") == b"sk"

    async def test_it_makes_no_key(self, master: MasterKey) -> None:
        with pytest.raises(ForbiddenError, match="env://NEW,OLD"):
            await master.rotate()

    @pytest.mark.parametrize(
        ("value", "words"), [(None, "is not set"), ("no base64!", "is not base64"), ("c2hvcnQ=", "has 32 bytes")]
    )
    def test_what_is_no_key_is_refused_without_being_said(self, value: str | None, words: str) -> None:
        with pytest.raises(InvalidError, match=words) as refused:
            keys_of("env://KEY", {} if value is None else {"KEY": value})
        assert not value or value not in str(refused.value)


class TestTransitMasterKey(RotatingMasterKeySuite):
    @pytest.fixture
    def transit(self) -> Transit:
        return Transit()

    @pytest.fixture
    async def master(self, transit: Transit, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[MasterKey]:
        monkeypatch.setenv("VAULT_TOKEN", TOKEN)
        async with serving(transit.app()) as url, open_transit_master_key(f"{url}/transit/tulou") as master:
            yield master

    async def test_the_id_names_the_key_and_its_version(self, master: MasterKey) -> None:
        assert (await master.wrap(bytes(32))).key_id == "transit:tulou:v1"
        assert await master.rotate() == "transit:tulou:v2"

    async def test_a_server_that_is_sealed_says_so(self, master: MasterKey, transit: Transit) -> None:
        transit.sealed = True
        with pytest.raises(UnavailableError, match="answered with 503: Vault is sealed"):
            await master.wrap(bytes(32))

    async def test_the_token_may_lie_in_a_file(self, transit: Transit, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        (tmp_path / "wrong").write_text("other")
        async with serving(transit.app()) as url:
            async with open_transit_master_key(f"{url}/transit/tulou?token_file={tmp_path}/token") as master:
                assert await master.unwrap(await master.wrap(b"k" * 32)) == b"k" * 32
            async with open_transit_master_key(f"{url}/transit/tulou?token_file={tmp_path}/wrong") as master:
                with pytest.raises(UnavailableError, match="403: permission denied"):
                    await master.wrap(bytes(32))

    async def test_a_proxy_of_the_environment_is_not_shown_the_token(
        self, transit: Transit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VAULT_TOKEN", TOKEN)
        async with serving(transit.app()) as url, open_transit_master_key(f"{url}/transit/tulou") as master:
            assert await master.unwrap(await master.wrap(b"k" * 32)) == b"k" * 32

    async def test_a_server_outside_is_asked_through_the_proxy_of_its_url(
        self, transit: Transit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VAULT_TOKEN", TOKEN)
        async with serving(transit.app()) as url, forward_proxy(url) as proxy:
            monkeypatch.setenv("PROXY_URL", proxy.url)
            for way in (proxy.url, "env://PROXY_URL"):
                async with open_transit_master_key(f"http://vault.example/transit/tulou?proxy={way}") as master:
                    assert await master.unwrap(await master.wrap(b"k" * 32)) == b"k" * 32
        assert {line.split(" ")[1].split("/")[2] for line in proxy.asked} == {"vault.example"}
        assert len(proxy.asked) == 4

    async def test_a_server_that_is_away_is_named(self) -> None:
        async with open_transit_master_key("http://127.0.0.1:9/transit/tulou") as master:
            with pytest.raises(UnavailableError, match=r"no answer from the master key at http://127\.0\.0\.1:9"):
                await master.wrap(bytes(32))

    async def test_a_url_without_a_key_is_refused(self) -> None:
        with pytest.raises(InvalidError, match="write https://HOST/MOUNT/KEY"):
            async with open_transit_master_key("https://kms.example/transit"):
                pass
