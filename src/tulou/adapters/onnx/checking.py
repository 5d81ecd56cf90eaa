"""Whether a graph that is brought as it is may be a text encoder: looked at when it comes in, before it is stored."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from google.protobuf.message import DecodeError
from onnx import ModelProto, TensorProto

from tulou.kernel.errors import InvalidError

INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
UNSAID = -1
RANKS_IN = (2, UNSAID)
RANKS_OUT = (2, 3, UNSAID)
"""Batch x width for pooled vectors, batch x length x width for states."""
LARGEST = 2_100_000_000
JUDGEMENTS = ("logits", "scores", "probabilities", "label")


def check_graph(path: Path) -> None:
    """Raise `InvalidError` with what is wrong with the graph in a file, or with the files that it refers to."""
    if path.stat().st_size > LARGEST:
        raise InvalidError(
            f"{path.name} is larger than a graph can be; keep its weights in a file beside it", param="path"
        )
    try:
        graph: Any = ModelProto.FromString(path.read_bytes()).graph
        weights = [tensor for tensor in graph.initializer if tensor.data_location == TensorProto.EXTERNAL]
        given = {_text(value.name) for value in graph.initializer}
        inputs = {name: _rank(value) for value in graph.input if (name := _text(value.name)) not in given}
        outputs = {_text(value.name): _rank(value) for value in graph.output}
    except (DecodeError, UnicodeDecodeError, ValueError, TypeError) as error:
        raise InvalidError(f"{path.name} is no sound ONNX file ({error}); fetch it again", param="path") from error
    _check_inputs(path, inputs)
    _check_outputs(path, outputs)
    for tensor in weights:
        _check_file(path, {str(entry.key): str(entry.value) for entry in tensor.external_data})


def _check_inputs(path: Path, inputs: dict[str, int]) -> None:
    if "input_ids" not in inputs or not inputs.keys() <= INPUTS:
        raise InvalidError(f"{path.name} takes {_list(inputs)}; a text encoder takes {_list(INPUTS)}", param="path")
    if odd := [name for name, rank in inputs.items() if rank not in RANKS_IN]:
        raise InvalidError(f"{path.name}: {odd[0]} is not of the shape batch x length", param="path")


def _check_outputs(path: Path, outputs: dict[str, int]) -> None:
    name = next(iter(outputs), "")
    if not name or outputs[name] not in RANKS_OUT or any(word in name for word in JUDGEMENTS):
        raise InvalidError(
            f"{path.name} gives {name or 'nothing'}; a text encoder gives states or vectors, and nothing here serves "
            "what classifies or ranks",
            param="path",
        )


def _check_file(path: Path, entry: dict[str, str]) -> None:
    """Hold the place of weights against the files that there are."""
    place = PurePosixPath(entry.get("location", ""))
    file = path.parent / place.name
    if len(place.parts) != 1 or place.name in ("", "..") or not file.is_file():
        raise InvalidError(
            f"{path.name} keeps weights in {str(place)[:80]!r}, which is no file beside it", param="path"
        )
    start, length = (_number(entry.get(name, "0")) for name in ("offset", "length"))
    if start < 0 or length < 0 or start + length > file.stat().st_size:
        raise InvalidError(f"{file.name} is cut short, or {path.name} is damaged; fetch both again", param="path")


def _text(name: str | bytes) -> str:
    """Return a name, which protobuf gives as bytes where it is no UTF-8."""
    return name if isinstance(name, str) else name.decode()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def _rank(value: Any) -> int:
    """Return the number of dimensions, if it is said."""
    kind = value.type.tensor_type
    return len(kind.shape.dim) if kind.HasField("shape") else UNSAID


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
