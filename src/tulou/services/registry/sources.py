"""What lies at a path that somebody wants to import: told from names and `config.json`, before any work is done."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Literal

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.services.registry.architectures import Architectures, refuse_purpose
from tulou.services.registry.configuration import read_config

SourceKind = Literal["gguf", "onnx", "language model", "encoder"]

CARD_NAMES = ("README.md", "card.md")
ONNX_SUFFIXES = (".onnx", ".onnx_data", ".json", ".txt", ".model")
WEIGHTS_SUFFIX = ".safetensors"
_PART = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<count>\d{5})\.gguf")
_FOLDER_CAP = 1_000


@message
class ModelSource:
    """A model as it was found: `files` belong to it if they are taken as they are, `size` is what it all weighs.

    `beside` are all files of its folder that may be read: what a graph keeps its weights in has any name.
    """

    kind: SourceKind
    path: Path
    files: tuple[Path, ...]
    size: int
    card: Path | None = None
    beside: tuple[Path, ...] = ()


def recognise(path: str, known: Architectures, roots: Sequence[str] = ()) -> ModelSource:
    """Return what lies at a path; raise `InvalidError` if that is no model, or may not be read or imported."""
    place = _allowed(path, roots)
    try:
        return _folder(place, known, roots) if place.is_dir() else _file(place, known, roots)
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror or error}", param="path") from error


def _allowed(path: str, roots: Sequence[str]) -> Path:
    if not path or "\0" in path or not Path(path).expanduser().is_absolute():
        raise InvalidError(f"{path[:200]!r} is no absolute path on the control machine", param="path")
    place = Path(path).expanduser().resolve()
    if roots and not any(place.is_relative_to(Path(root).resolve()) for root in roots):
        raise InvalidError(f"{path} lies outside of {', '.join(roots)} ([registry] import_roots)", param="path")
    if not place.exists():
        raise InvalidError(f"nothing is at {path} on the control machine, or it may not be read", param="path")
    return place


def _file(place: Path, known: Architectures, roots: Sequence[str]) -> ModelSource:
    match place.suffix:
        case ".gguf":
            return _weights(place)
        case ".onnx":
            return _folder(place.parent, known, roots)
        case _:
            raise InvalidError(f"{place.name} is neither a .gguf nor an .onnx file", param="path")


def _folder(place: Path, known: Architectures, roots: Sequence[str]) -> ModelSource:
    files = _plain_files(place, roots)
    if weights := [file for file in files if file.suffix == ".gguf"]:
        return _only_one(place, weights)
    if any(file.suffix == ".onnx" for file in files):
        _require(place, "tokenizer.json", "an ONNX model needs it to read texts")
        if (place / "config.json").is_file():
            refuse_purpose(read_config(place / "config.json").architectures)
        source = _source("onnx", place, [file for file in files if file.suffix in ONNX_SUFFIXES])
        return replace(source, beside=tuple(files))
    if not (place / "config.json").is_file():
        raise InvalidError(f"{place} holds no .gguf, no .onnx and no config.json of a Hugging Face model", param="path")
    return _hugging_face(place, files, known)


def _hugging_face(place: Path, files: Sequence[Path], known: Architectures) -> ModelSource:
    kind = known.kind_of(read_config(place / "config.json"))
    _require(place, "tokenizer.json", "only fast tokenizers can be converted")
    if not any(file.suffix == WEIGHTS_SUFFIX for file in files):
        raise InvalidError(f"{place} has a config.json but no .safetensors weights", param="path")
    return _source(kind, place, list(files))


def _plain_files(place: Path, roots: Sequence[str]) -> list[Path]:
    """Return the files of a folder; a link may lead out of it (as in Hugging Face's cache), but not of the roots."""
    files = sorted(file for file in islice(place.iterdir(), _FOLDER_CAP + 1) if not file.name.startswith("."))
    if len(files) > _FOLDER_CAP:
        raise InvalidError(f"{place} holds more than {_FOLDER_CAP} files; name the folder of one model", param="path")
    for file in files:
        _allowed(str(file), roots)
    return [file for file in files if file.is_file()]


def _only_one(place: Path, weights: Sequence[Path]) -> ModelSource:
    """Return the one model among GGUF files, which may be cut into parts."""
    first = [file for file in weights if not (cut := _PART.fullmatch(file.name)) or int(cut["part"]) == 1]
    if len(first) != 1:
        names = ", ".join(file.name for file in weights[:5])
        raise InvalidError(f"{place} holds {len(weights)} GGUF files ({names}); name the one you want", param="path")
    return _weights(first[0])


def _weights(file: Path) -> ModelSource:
    """Return a GGUF file with all its parts."""
    cut = _PART.fullmatch(file.name)
    if cut is None:
        return _source("gguf", file, [file])
    if int(cut["part"]) != 1:
        raise InvalidError(f"{file.name} is not the first part of its model; name that", param="path")
    count = int(cut["count"])
    parts = [file.with_name(f"{cut['stem']}-{part:05}-of-{count:05}.gguf") for part in range(1, count + 1)]
    if missing := [part.name for part in parts if not part.is_file()]:
        raise InvalidError(f"{missing[0]} is missing beside {file.name}", param="path")
    return _source("gguf", file, parts)


def _require(place: Path, name: str, why: str) -> None:
    if not (place / name).is_file():
        raise InvalidError(f"{place} has no {name}; {why}", param="path")


def _source(kind: SourceKind, place: Path, files: Sequence[Path]) -> ModelSource:
    """Describe a model whose files can all be opened."""
    for file in files:
        with file.open("rb"):
            pass
    folder = place if place.is_dir() else place.parent
    cards = [folder / name for name in CARD_NAMES if (folder / name).is_file()]
    size = sum(file.stat().st_size for file in files)
    return ModelSource(kind=kind, path=place, files=tuple(files), size=size, card=cards[0] if cards else None)
