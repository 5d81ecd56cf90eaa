"""Tries what a file or a folder says of text, before it is taken as a model."""

import tempfile
from pathlib import Path

import numpy as np
from gguf import GGUFWriter

from tulou.adapters.gguf.checking.asked import Asked, Said
from tulou.adapters.gguf.checking.probe import write_probe
from tulou.adapters.gguf.checking.trial import load, run
from tulou.adapters.gguf.header import read_header
from tulou.adapters.gguf.hugging_face import Config, read_config, template_file
from tulou.adapters.gguf.shapes import check_vocabulary_size
from tulou.adapters.gguf.vocabulary import model_name, write_vocabulary
from tulou.adapters.gguf.weights import Weights
from tulou.kernel.errors import InvalidError

TEMPLATE = "tokenizer.chat_template"


def check_file(path: Path) -> None:
    """Raise `InvalidError` unless llama.cpp would load a GGUF file, and can render its chat template, if it has one."""
    if (unknown := load(path)).reason:
        raise InvalidError(
            f"{path.name}: llama.cpp cannot load it: {unknown.reason}; fetch it again, or another one of this model",
            param="path",
        )
    if read_header(path).text(TEMPLATE):
        said = _tried(path)
        _refuse(said, where=f"{path.name}: its chat template", remedy=f"mend {TEMPLATE} in it", file=path.name)


def check_folder(folder: Path) -> None:
    """Raise `InvalidError` unless llama.cpp renders the template, and cuts texts into the folder's own tokens."""
    config = read_config(folder)
    check_vocabulary_size(Weights(folder), config)
    with tempfile.TemporaryDirectory(prefix="tulou-vocabulary-") as place:
        vocabulary = Path(place) / "vocabulary.gguf"
        _write(folder, config, vocabulary)
        said = _tried(vocabulary, tokenizer=str(folder / "tokenizer.json"))
    name = template_file(folder)
    _refuse(said, where=f"{name}: the chat template", remedy="mend it", file="tokenizer.json")


def _refuse(said: Said, *, where: str, remedy: str, file: str) -> None:
    if not said.reason:
        return
    if said.about == "template":
        line = f" in line {said.line}" if said.line else ""
        raise InvalidError(f"{where} cannot be used{line}: {said.reason}; {remedy}, and import it again", param="path")
    if said.about == "file":
        raise InvalidError(f"{file}: llama.cpp cannot load its vocabulary: {said.reason}", param="path")
    raise InvalidError(f"{file} cannot be converted: {said.reason}; import a GGUF of this model", param="path")


def _tried(path: Path, *, tokenizer: str = "") -> Said:
    header = read_header(path)
    with tempfile.TemporaryDirectory(prefix="tulou-probe-") as folder:
        probe = Path(folder) / "probe.gguf"
        write_probe(path, header, probe)
        return run(Asked(probe=str(probe), template=header.text(TEMPLATE), tokenizer=tokenizer))


def _write(folder: Path, config: Config, target: Path) -> None:
    writer = GGUFWriter(target, config.kind.name)
    try:
        writer.add_name(model_name(folder))
        write_vocabulary(folder, config.vocabulary, config.chat_template, writer)
        writer.add_tensor("none", np.zeros(1, np.float32))  # a file without any is taken for a broken one
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
