"""What came packed is unpacked a bounded piece at a time, and what is not whole is said to be broken."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.chassis.http.errors import BrokenError
from tulou.chassis.http.unpacking import PIECE_BYTES, Unpacker


def unpacked(*arrived: bytes) -> bytes:
    unpacker = Unpacker()
    pieces: list[bytes] = []
    for data in arrived:
        unpacker.feed(data)
        while piece := unpacker.next():
            assert len(piece) <= PIECE_BYTES
            pieces.append(piece)
    unpacker.end()
    return b"".join(pieces)


@given(st.binary(max_size=2_000), st.integers(1, 50))
def test_what_was_packed_comes_out_wherever_the_network_cut_it(body: bytes, size: int) -> None:
    for packed in (gzip.compress(body), zlib.compress(body), gzip.compress(body) + gzip.compress(body)):
        cut = [packed[place : place + size] for place in range(0, len(packed), size)]
        assert unpacked(*cut).startswith(body)


def test_several_members_are_one_answer_and_nothing_is_nothing() -> None:
    assert unpacked(gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"
    assert unpacked() == b""


def test_much_out_of_little_comes_in_bounded_pieces() -> None:
    assert len(unpacked(gzip.compress(b" " * 5_000_000))) == 5_000_000


@pytest.mark.parametrize(
    "arrived",
    [
        gzip.compress(b"hello")[:-6],
        gzip.compress(b"hello")[:4],
        b"plainly not packed",
        gzip.compress(b"hello") + b"and more",
        gzip.compress(b"hello")[:-8] + b"\0" * 8,
    ],
    ids=["cut", "begun", "plain", "followed", "wrong sum"],
)
def test_what_is_not_packed_or_not_whole_is_broken(arrived: bytes) -> None:
    with pytest.raises(BrokenError):
        unpacked(arrived)
