"""A file with the vocabulary and the chat template of another, and weights that are all zero: it loads in no time.

llama.cpp keeps its tokenizers and its renderer of templates behind a loaded model, and real weights may be gigabytes.
"""

import struct
from pathlib import Path
from typing import BinaryIO

from gguf import GGMLQuantizationType, GGUFValueType

from tulou.adapters.gguf.header import MAGIC, STRING, Header

_WIDTH = 32
_CONTEXT = 512
_ALIGNMENT = 32
_VERSION = 3
_HALF = 2
_PIECE = 1024 * 1024
_COPIED = ("tokenizer.", "general.name")
_NUMBERS = {
    "llama.context_length": _CONTEXT,
    "llama.embedding_length": _WIDTH,
    "llama.block_count": 1,
    "llama.feed_forward_length": _WIDTH,
    "llama.attention.head_count": 1,
    "llama.rope.dimension_count": _WIDTH,
}
_MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
_NORMS = ("attn_norm", "ffn_norm")

Tensor = tuple[str, tuple[int, ...], GGMLQuantizationType]


def write_probe(source: Path, header: Header, target: Path) -> None:
    """Write a small Llama to *target* that reads and writes text as the model in *source* does."""
    fields = [_field("general.architecture", "llama"), *map(_number, _NUMBERS.items())]
    fields.append(_name("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", GGUFValueType.FLOAT32, 1e-5))
    copied = [span for key, span in header.spans.items() if key.startswith(_COPIED)]
    tensors = _tensors(header.count("tokenizer.ggml.tokens"))
    places, size = _places(tensors)
    with source.open("rb") as opened, target.open("wb") as written:
        written.write(MAGIC + struct.pack("<IQQ", _VERSION, len(tensors), len(fields) + len(copied)))
        written.writelines(fields)
        for start, end in copied:
            _copy(opened, written, start, end)
        written.writelines(places)
        written.write(bytes(-written.tell() % _ALIGNMENT))
        written.truncate(written.tell() + size)


def _copy(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    """Copy a part of a file, a piece at a time; the reader of the head has seen that it is there."""
    source.seek(start)
    target.writelines(source.read(min(_PIECE, end - place)) for place in range(start, end, _PIECE))


def _tensors(vocabulary: int) -> list[Tensor]:
    half, whole = GGMLQuantizationType.F16, GGMLQuantizationType.F32
    square = (_WIDTH, _WIDTH)
    return [
        ("token_embd.weight", (_WIDTH, vocabulary), half),
        ("output_norm.weight", (_WIDTH,), whole),
        *((f"blk.0.{part}.weight", square, half) for part in _MATRICES),
        *((f"blk.0.{part}.weight", (_WIDTH,), whole) for part in _NORMS),
    ]


def _places(tensors: list[Tensor]) -> tuple[list[bytes], int]:
    """Return how the tensors are described, and the bytes that they take."""
    described: list[bytes] = []
    offset = 0
    for name, shape, kind in tensors:
        described.append(_name(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset))
        size = _HALF if kind is GGMLQuantizationType.F16 else 2 * _HALF
        for side in shape:
            size *= side
        offset += -(-size // _ALIGNMENT) * _ALIGNMENT
    return described, offset


def _field(key: str, value: str) -> bytes:
    return _name(key) + struct.pack("<I", STRING) + _name(value)


def _number(item: tuple[str, int]) -> bytes:
    return _name(item[0]) + struct.pack("<II", GGUFValueType.UINT32, item[1])


def _name(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw
