"""The process that parses a graph: `python -m tulou.adapters.onnx.review FILE`; what it finds is on its output."""

import sys
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from onnx import ModelProto, TensorProto

INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
UNSAID = -1
RANKS_IN = (2, UNSAID)
RANKS_OUT = (2, 3, UNSAID)
"""Batch x width for pooled vectors, batch x length x width for states."""
JUDGEMENTS = ("logits", "scores", "probabilities", "label")
DIGITS = 18
SHOWN = 80
MOST_FILES = 1_000


class GraphReview(msgspec.Struct, frozen=True):
    """The first thing that is wrong with a graph; else the files beside it that hold weights of it."""

    reason: str = ""
    files: tuple[str, ...] = ()


class _WrongError(Exception):
    """What is wrong, as it is to be said."""


def look(path: Path) -> GraphReview:
    """Parse a graph and look at what it takes, what it gives, and where any of its tensors lies."""
    try:
        model: Any = ModelProto.FromString(path.read_bytes())
        graph = model.graph
        given = {_text(tensor.name) for tensor in graph.initializer}
        given |= {_text(tensor.values.name) for tensor in graph.sparse_initializer}
        inputs = {name: _rank(value) for value in graph.input if (name := _text(value.name)) not in given}
        outputs = {_text(value.name): _rank(value) for value in graph.output}
        _check_inputs(path, inputs)
        _check_outputs(path, outputs)
        beside = {file.name for file in path.parent.iterdir() if file.is_file()}
        files = dict.fromkeys(_file(path, beside, entries) for entries in _elsewhere(model))
    except _WrongError as error:
        return GraphReview(str(error))
    except (DecodeError, UnicodeDecodeError, ValueError, TypeError, RecursionError) as error:
        return GraphReview(f"{path.name} is no sound ONNX file ({_shown(str(error))}); fetch it again")
    except OSError as error:
        return GraphReview(f"{path.name} cannot be read: {error.strerror or error}")
    if len(files) > MOST_FILES:
        return GraphReview(f"{path.name} keeps weights in {len(files)} files; at most {MOST_FILES} are taken")
    return GraphReview(files=tuple(files))


def _check_inputs(path: Path, inputs: dict[str, int]) -> None:
    if "input_ids" not in inputs or not inputs.keys() <= INPUTS:
        raise _WrongError(f"{path.name} takes {_list(inputs)}; a text encoder takes {_list(INPUTS)}")
    if odd := [name for name, rank in inputs.items() if rank not in RANKS_IN]:
        raise _WrongError(f"{path.name}: {odd[0]} is not of the shape batch x length")


def _check_outputs(path: Path, outputs: dict[str, int]) -> None:
    """Hold the first output, which is the one that is served, against vectors, and all others against judgements."""
    first = next(iter(outputs), "")
    judging = [name for name in outputs if any(word in name for word in JUDGEMENTS)]
    if not first or outputs[first] not in RANKS_OUT or judging:
        given = _shown(judging[0] if judging else first) or "nothing"
        raise _WrongError(
            f"{path.name} gives {given}; a text encoder gives states or vectors, and nothing here serves what "
            "classifies or ranks"
        )


def _elsewhere(model: Any) -> Iterator[dict[str, str]]:
    """Yield where each tensor lies that is kept in another file: of the graph, of graphs in it, of its functions."""
    left = [model]
    while left:
        found = left.pop()
        if isinstance(found, TensorProto):
            tensor: Any = found
            if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
                yield {_text(entry.key): _text(entry.value) for entry in tensor.external_data}
            continue
        for field, value in found.ListFields():
            if field.message_type is not None:
                left.extend([value] if hasattr(value, "ListFields") else value)


def _file(path: Path, beside: Container[str], entries: dict[str, str]) -> str:
    """Return the file that a tensor lies in; it must be there whole, beside the graph and nowhere else."""
    name = entries.get("location", "")
    if name.startswith(".") or name not in beside:
        raise _WrongError(f"{path.name} keeps weights in {_shown(name)!r}, which is no file beside it")
    start, length = (_number(entries.get(key, "0")) for key in ("offset", "length"))
    if start < 0 or length < 0 or start + length > (path.parent / name).stat().st_size:
        raise _WrongError(f"{name} is cut short, or {path.name} is damaged; fetch both again")
    return name


def _text(name: str | bytes) -> str:
    """Return a name, which protobuf gives as bytes where it is no UTF-8."""
    return name if isinstance(name, str) else name.decode()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else -1


def _rank(value: Any) -> int:
    """Return the number of dimensions, if it is said."""
    kind = value.type.tensor_type
    return len(kind.shape.dim) if kind.HasField("shape") else UNSAID


def _list(names: Iterable[str]) -> str:
    return _shown(", ".join(sorted(map(_shown, names)))) or "nothing"


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(look(Path(sys.argv[1]))))
