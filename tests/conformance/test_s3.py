"""S3 against the blobs suite, on OpenStack Swift's S3 interface."""

from collections.abc import AsyncGenerator

import pytest

from tulou.adapters.s3.blobs import open_s3_blobs
from tulou.adapters.s3.bucket import bucket
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.blobs import Blobs
from tulou.testing.conformance.blobs import BlobsSuite, chunks, keys
from tulou.testing.servers.swift import SwiftServer

KEYS = "&access_key=env://TULOU_TEST_ACCESS&secret_key=env://TULOU_TEST_SECRET"


@pytest.fixture
def url(swift: SwiftServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TULOU_TEST_ACCESS", swift.keys["access_key_id"])
    monkeypatch.setenv("TULOU_TEST_SECRET", swift.keys["secret_access_key"])
    return swift.new_bucket(new_id("house").replace("_", "-")) + KEYS


class TestS3(BlobsSuite):
    @pytest.fixture
    async def blobs(self, url: str) -> AsyncGenerator[Blobs]:
        async with open_s3_blobs(url) as blobs:
            yield blobs

    async def test_two_prefixes_of_a_bucket_do_not_mix(self, blobs: Blobs, url: str) -> None:
        await blobs.put("a", chunks(b"1"))
        async with open_s3_blobs(url.replace("/tests?", "/other?")) as other:
            assert await keys(other) == []

    async def test_wrong_keys_are_told_without_showing_them(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TULOU_TEST_SECRET", "wrong-secret")
        async with open_s3_blobs(url) as blobs:
            with pytest.raises(UnavailableError, match=r"s3://house-.* refused") as caught:
                await blobs.put("a", chunks(b"1"))
        assert "wrong-secret" not in str(caught.value)

    async def test_a_bucket_that_is_not_there_is_named(self, url: str) -> None:
        async with open_s3_blobs(url.replace("s3://house-", "s3://no-such-")) as blobs:
            with pytest.raises(UnavailableError, match="no such bucket"):
                await blobs.put("a", chunks(b"1"))


class TestS3Url:
    def test_keys_are_never_part_of_it(self) -> None:
        with pytest.raises(InvalidError, match="never the key itself") as caught:
            bucket("s3://b/p?access_key=AKIA123")
        assert "AKIA123" not in str(caught.value)
        with pytest.raises(InvalidError) as caught:
            bucket("s3://me:secret@b/p")
        assert "secret@" not in str(caught.value)

    def test_a_key_that_is_not_there_is_named(self) -> None:
        with pytest.raises(InvalidError, match="env://TULOU_NOT_SET"):
            bucket("s3://b/p?secret_key=env://TULOU_NOT_SET")

    def test_what_is_unknown_is_refused(self) -> None:
        with pytest.raises(InvalidError, match="colour"):
            bucket("s3://b/p?colour=red")
