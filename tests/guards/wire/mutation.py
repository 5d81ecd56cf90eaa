"""Bytes that nobody wrote down: cases of the corpus, cut, joined, doubled and turned, by the dice of a number."""

from collections.abc import Callable, Sequence
from random import Random

FRAGMENTS = (
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\0", b"\x0b", b":", b",", b";", b"0\r\n\r\n", b"3\r\nabc\r\n"),
    *(b"content-length: 3\r\n", b"content-length: 40\r\n", b"transfer-encoding: chunked\r\n", b"host: x\r\n", b"\xff"),
    *(b"connection: close\r\n", b"expect: 100-continue\r\n", b"upgrade: h2c\r\nconnection: upgrade\r\n", b" HTTP/1.1"),
    *(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"ffffffffffffffff", b"18446744073709551616", b"-1", b"+", b"0x"),
)
LONGEST = 20_000


def mutated(cases: Sequence[bytes], number: int) -> bytes:
    """Return the bytes of a number: the same each time."""
    random = Random(number)  # noqa: S311 - dice
    data = random.choice(cases)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        data = random.choice(MUTATIONS)(data, random, cases)
    return data[:LONGEST]


def cut(data: bytes, number: int) -> list[bytes]:
    """Return bytes in pieces."""
    random = Random(~number)  # noqa: S311 - dice
    most = random.choice((1, 7, 100, LONGEST))
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        size = random.randint(1, most)
        pieces.append(data[at : at + size])
        at += size
    return pieces


def _span(data: bytes, random: Random) -> tuple[int, int]:
    first = random.randint(0, len(data))
    return first, min(len(data), first + random.choice((1, 1, 2, 4, 16, 64)))


def _flip(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data)) if data else 0
    return data[:at] + bytes((random.randrange(256),)) + data[at + 1 :]


def _drop(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    first, last = _span(data, random)
    return data[:first] + data[last:]


def _double(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    first, last = _span(data, random)
    return data[:last] + data[first:last] * random.choice((1, 1, 3, 40)) + data[last:]


def _insert(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.choice(FRAGMENTS) + data[at:]


def _join(data: bytes, random: Random, cases: Sequence[bytes]) -> bytes:
    other = random.choice(cases)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _behind(data: bytes, random: Random, cases: Sequence[bytes]) -> bytes:
    return data + random.choice(cases)


def _lines(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    random.shuffle(lines)
    return b"\r\n".join(lines)


def _ends(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    return data.replace(b"\r\n", random.choice((b"\n", b"\r", b"\n\r", b"\r\r\n")), random.choice((1, 2, -1)))


MUTATIONS: tuple[Callable[[bytes, Random, Sequence[bytes]], bytes], ...] = (
    *(_flip, _drop, _double, _insert, _insert, _join, _behind, _lines, _ends),
)
