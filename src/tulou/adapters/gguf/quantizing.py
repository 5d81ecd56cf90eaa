"""A GGUF file is written again with smaller weights; everything else in it is copied as it is."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType
from gguf.quants import dequantize, quantize

from tulou.adapters.gguf.ggml import quantize_rows
from tulou.adapters.gguf.header import Header, Tensor, read_header
from tulou.kernel.errors import InvalidError
from tulou.ports.converter import Progress

Kind = GGMLQuantizationType
QUANTIZATIONS = {
    "Q8_0": (LlamaFileType.MOSTLY_Q8_0, Kind.Q8_0),
    "Q4_0": (LlamaFileType.MOSTLY_Q4_0, Kind.Q4_0),
    "Q4_K_M": (LlamaFileType.MOSTLY_Q4_K_M, Kind.Q4_K),
    "Q6_K": (LlamaFileType.MOSTLY_Q6_K, Kind.Q6_K),
}
SOURCES = (Kind.F32, Kind.F16, Kind.BF16)
BY_NUMPY = (Kind.Q8_0, Kind.Q4_0, Kind.F16, Kind.F32)
CHUNK = 4 * 1024 * 1024  # weights at a time: 16 MiB as float32
ROWS_AND_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class _Planned:
    tensor: Tensor
    kind: Kind
    offset: int
    size: int


def quantize_file(source: Path, target: Path, quantization: str, progress: Progress) -> None:
    """Write *source* to *target* with weights of *quantization*, which must be one of `QUANTIZATIONS`."""
    header = read_header(source)
    file_type, kind = QUANTIZATIONS[quantization]
    if foreign := [tensor for tensor in header.tensors if tensor.kind not in SOURCES]:
        is_now = foreign[0].kind.name
        raise InvalidError(f"{source.name} is quantized already ({is_now}); start from 16-bit weights", param="path")
    plan = _plan(header, kind)
    with source.open("rb") as read, target.open("wb") as write:
        _copy_fields(read, write, header, int(file_type))
        _write_tensors(write, plan, header.alignment)
        data = np.memmap(source, np.uint8, "r")
        for done, planned in enumerate(plan, 1):
            for part in _quantized(data, header, planned):
                write.write(part.tobytes())
            _pad(write, header.alignment)
            progress(done / len(plan))


def _plan(header: Header, wanted: Kind) -> list[_Planned]:
    plan: list[_Planned] = []
    offset = 0
    for tensor in header.tensors:
        kind = _kind(tensor, wanted, header)
        block, size = GGML_QUANT_SIZES[kind]
        length = prod(tensor.shape) // block * size
        plan.append(_Planned(tensor, kind, offset, length))
        offset += -(-length // header.alignment) * header.alignment
    return plan


def _kind(tensor: Tensor, wanted: Kind, header: Header) -> Kind:
    if len(tensor.shape) < ROWS_AND_COLUMNS:
        return tensor.kind
    for kind in (_better(tensor.name, wanted, header), wanted, Kind.Q8_0):
        if tensor.shape[0] % GGML_QUANT_SIZES[kind][0] == 0:
            return kind
    return tensor.kind


def _better(name: str, wanted: Kind, header: Header) -> Kind:
    """Return what a sensitive tensor gets, as llama.cpp's own quantizer has it for its mixtures."""
    if wanted not in (Kind.Q4_0, Kind.Q4_K):
        return wanted
    tied = not any(tensor.name == "output.weight" for tensor in header.tensors)
    if name == ("token_embd.weight" if tied else "output.weight"):
        return Kind.Q6_K
    if wanted is Kind.Q4_K and (".attn_v." in name or ".ffn_down." in name):
        layers = header.number(f"{header.text('general.architecture')}.block_count")
        return Kind.Q6_K if _among_more_bits(int(name.split(".")[1]), layers) else wanted
    return wanted


def _among_more_bits(layer: int, layers: int) -> bool:
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2  # noqa: PLR2004


def _copy_fields(read: BinaryIO, write: BinaryIO, header: Header, file_type: int) -> None:
    fields = bytearray(read.read(header.fields_end))
    place = header.places.get("general.file_type")
    if place is not None:
        fields[place : place + 4] = struct.pack("<I", file_type)
    write.write(fields)


def _write_tensors(write: BinaryIO, plan: list[_Planned], alignment: int) -> None:
    for planned in plan:
        name, shape = planned.tensor.name.encode(), planned.tensor.shape
        write.write(struct.pack("<Q", len(name)) + name)
        write.write(struct.pack(f"<I{len(shape)}Q", len(shape), *shape))
        write.write(struct.pack("<IQ", int(planned.kind), planned.offset))
    _pad(write, alignment)


def _quantized(data: npt.NDArray[np.uint8], header: Header, planned: _Planned) -> Iterator[npt.NDArray[np.generic]]:
    tensor = planned.tensor
    start = header.data_start + tensor.offset
    raw = data[start : start + tensor.size]
    if planned.kind is tensor.kind:
        yield raw
        return
    rows = prod(tensor.shape[1:])
    stored = raw.reshape(rows, tensor.size // rows)
    together = max(1, CHUNK // tensor.shape[0])
    for first in range(0, rows, together):
        values = _floats(stored[first : first + together], tensor.kind)
        yield quantize(values, planned.kind) if planned.kind in BY_NUMPY else quantize_rows(values, planned.kind)


def _floats(stored: npt.NDArray[np.uint8], kind: Kind) -> npt.NDArray[np.float32]:
    match kind:
        case Kind.F32:
            return stored.view("<f4")
        case Kind.F16:
            return stored.view("<f2").astype(np.float32)
        case _:
            return dequantize(stored, kind)


def _pad(write: BinaryIO, alignment: int) -> None:
    write.write(bytes(-write.tell() % alignment))
