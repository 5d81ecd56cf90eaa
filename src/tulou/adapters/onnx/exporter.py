"""From a Hugging Face or sentence-transformers folder to the artifact that engine `onnx` loads."""

import shutil
from pathlib import Path

import msgspec

from tulou.adapters.onnx.checking import check_graph
from tulou.adapters.onnx.encoder import ARCHITECTURES, FAMILIES, LARGEST, read_encoder
from tulou.adapters.onnx.graph import build_model
from tulou.adapters.onnx.sentences import read_pooling
from tulou.kernel.errors import InvalidError
from tulou.ports.confinement import Confinement

MODEL, POOLING, TOKENIZER, CONFIG = "model.onnx", "pooling.json", "tokenizer.json", "config.json"


class OnnxExporter:
    """Writes encoders; equal folders give equal files."""

    architectures: tuple[str, ...] = ARCHITECTURES
    model_types: tuple[str, ...] = tuple(FAMILIES)

    def __init__(self, confinement: Confinement) -> None:
        self._confinement = confinement

    async def check(self, file: Path) -> tuple[str, ...]:
        """Look at a graph that somebody else has written, in a process of its own."""
        return await check_graph(file, self._confinement)

    def export(self, folder: Path, target: Path) -> Path:
        """Write model, tokenizer, pooling rules and configuration into `target`; raise `InvalidError` in words."""
        tokenizer = folder / TOKENIZER
        if not tokenizer.is_file():
            raise InvalidError(f"{folder.name} has no tokenizer.json; save it with a fast tokenizer first")
        encoder = read_encoder(folder)
        if sum(weight.nbytes for weight in encoder.weights.values()) > LARGEST:
            raise InvalidError(f"{folder.name} has more than {LARGEST >> 20} MiB of weights; choose a smaller encoder")
        pooling = read_pooling(folder, longest=encoder.config.longest, dimensions=encoder.config.hidden_size)
        target.mkdir(parents=True, exist_ok=True)
        (target / MODEL).write_bytes(build_model(encoder).SerializeToString(deterministic=True))
        (target / POOLING).write_bytes(msgspec.json.format(msgspec.json.encode(pooling)))
        shutil.copyfile(tokenizer, target / TOKENIZER)
        shutil.copyfile(folder / CONFIG, target / CONFIG)
        return target
