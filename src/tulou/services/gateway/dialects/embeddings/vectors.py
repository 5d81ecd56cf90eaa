"""Vectors as upstreams write them: as many as texts, all of one length, of finite 32-bit floats."""

import struct
from base64 import b64decode
from binascii import Error as NoBase64Error
from collections.abc import Sequence
from math import isfinite

from tulou.services.gateway.dialects.embeddings.embedding import Vector

FLOAT_BYTES = 4
FLOAT_MAX = 3.4028234663852886e38
"""The largest 32-bit float (IEEE 754)."""


def check_vectors(vectors: Sequence[Vector], *, count: int) -> None:
    """Raise `ValueError` for vectors that cannot be those of so many texts."""
    if len(vectors) != count:
        raise ValueError(f"{len(vectors)} vectors came for {count} texts")
    sizes = {len(floats_of(vector)) for vector in vectors}
    if len(sizes) > 1 or 0 in sizes:
        raise ValueError(f"the vectors have {', '.join(map(str, sorted(sizes)))} numbers; all have the same, and some")


def floats_of(vector: Vector) -> Sequence[float]:
    """Return a vector's numbers; raise `ValueError` where it is none."""
    floats = _unpacked(vector) if isinstance(vector, str) else vector
    if not all(map(isfinite, floats)) or (floats and max(map(abs, floats)) > FLOAT_MAX):
        raise ValueError("a vector has a number that is no 32-bit float")
    return floats


def in_order(indices: Sequence[int], *, count: int) -> None:
    """Raise `ValueError` unless each place from 0 on is there once."""
    if sorted(indices) != list(range(count)):
        raise ValueError(f"the vectors are not numbered 0 to {count - 1}, each once")


def _unpacked(text: str) -> Sequence[float]:
    try:
        packed = b64decode(text, validate=True)
    except (NoBase64Error, ValueError) as error:
        raise ValueError("a vector is no base64") from error
    if len(packed) % FLOAT_BYTES:
        raise ValueError(f"a vector of {len(packed)} bytes is none of 32-bit floats")
    return struct.unpack(f"<{len(packed) // FLOAT_BYTES}f", packed)
