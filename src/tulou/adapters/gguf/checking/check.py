"""Tries what a file or a folder says of text, before it is taken as a model."""

import tempfile
from pathlib import Path

import numpy as np
from gguf import GGUFWriter

from tulou.adapters.gguf.checking.messages import TrialRequest, TrialResult
from tulou.adapters.gguf.checking.probe import write_probe
from tulou.adapters.gguf.checking.trial import load, run
from tulou.adapters.gguf.header import read_header
from tulou.adapters.gguf.hugging_face import read_config, template_file
from tulou.adapters.gguf.shapes import check_vocabulary_size
from tulou.adapters.gguf.threads import finished
from tulou.adapters.gguf.vocabulary import model_name, write_vocabulary
from tulou.adapters.gguf.weights import Weights
from tulou.kernel.errors import InvalidError
from tulou.ports.confinement import Confinement

TEMPLATE = "tokenizer.chat_template"


async def check_file(path: Path, confinement: Confinement) -> None:
    """Raise `InvalidError` unless llama.cpp would load a GGUF file, and can render its chat template, if it has one."""
    if (unknown := await load(path, confinement)).reason:
        raise InvalidError(
            f"{path.name}: llama.cpp cannot load it: {unknown.reason}; fetch it again, or another one of this model",
            param="path",
        )
    if (await finished(lambda: read_header(path))).text(TEMPLATE):
        said = await _tried(path, confinement)
        _refuse(said, where=f"{path.name}: its chat template", remedy=f"mend {TEMPLATE} in it", file=path.name)


async def check_made(path: Path, confinement: Confinement, *, source: str) -> None:
    """Raise `InvalidError` unless llama.cpp would load what was made of a source, whose texts were tried before."""
    if (unknown := await load(path, confinement)).reason:
        raise InvalidError(
            f"{source}: llama.cpp cannot load what it is converted to: {unknown.reason}; import a GGUF of this model",
            param="path",
        )


async def check_folder(folder: Path, confinement: Confinement) -> None:
    """Raise `InvalidError` unless llama.cpp renders the template, and cuts texts into the folder's own tokens."""
    with tempfile.TemporaryDirectory(prefix="tulou-vocabulary-") as place:
        vocabulary = Path(place) / "vocabulary.gguf"
        await finished(lambda: _write(folder, vocabulary))
        said = await _tried(vocabulary, confinement, tokenizer=str(folder / "tokenizer.json"))
    name = template_file(folder)
    _refuse(said, where=f"{name}: the chat template", remedy="mend it", file="tokenizer.json")


def _refuse(said: TrialResult, *, where: str, remedy: str, file: str) -> None:
    if not said.reason:
        return
    if said.about == "template":
        line = f" in line {said.line}" if said.line else ""
        raise InvalidError(f"{where} cannot be used{line}: {said.reason}; {remedy}, and import it again", param="path")
    if said.about == "file":
        raise InvalidError(f"{file}: llama.cpp cannot load its vocabulary: {said.reason}", param="path")
    raise InvalidError(f"{file} cannot be converted: {said.reason}; import a GGUF of this model", param="path")


async def _tried(path: Path, confinement: Confinement, *, tokenizer: str = "") -> TrialResult:
    with tempfile.TemporaryDirectory(prefix="tulou-probe-") as folder:
        probe = Path(folder) / "probe.gguf"
        template = await finished(lambda: _write_probe(path, probe))
        return await run(TrialRequest(probe=str(probe), template=template, tokenizer=tokenizer), confinement)


def _write_probe(path: Path, probe: Path) -> str:
    header = read_header(path)
    write_probe(path, header, probe)
    return header.text(TEMPLATE)


def _write(folder: Path, target: Path) -> None:
    config = read_config(folder)
    check_vocabulary_size(Weights(folder), config)
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
