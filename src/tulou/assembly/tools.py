"""What reads and writes model files: in the extra `convert`, so that a gate and a control plane alone stay small."""

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from tulou.kernel.errors import InvalidError
from tulou.ports.confinement import Confinement
from tulou.ports.converter import Converter, ModelFacts, Progress
from tulou.ports.exporter import Exporter

PACKAGES = ("gguf", "numpy", "onnx", "safetensors", "tokenizers", "xllamacpp")
"""What the extra brings, as it is imported."""

MISSING = (
    "this installation reads no model files; `pip install 'tulou[convert]'` where the control plane runs, "
    "and start it again"
)


def converter(confinement: Confinement) -> Converter:
    """Return the converter of this installation."""
    if not _installed():
        return NoConverter()
    gguf: Any = importlib.import_module("tulou.adapters.gguf")
    return gguf.GgufConverter(confinement)


def exporter(confinement: Confinement) -> Exporter:
    """Return the exporter of this installation."""
    if not _installed():
        return NoExporter()
    onnx: Any = importlib.import_module("tulou.adapters.onnx.exporter")
    return onnx.OnnxExporter(confinement)


def _installed() -> bool:
    return all(find_spec(package) for package in PACKAGES)


class NoConverter:
    """Stands where nothing can be converted; whatever is asked of it says how that is mended."""

    quantizations: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()

    async def convert(self, folder: str, target: str, progress: Progress) -> ModelFacts:
        """Raise `InvalidError`."""
        _missing(folder, target, progress)

    async def quantize(self, source: str, target: str, quantization: str, progress: Progress) -> ModelFacts:
        """Raise `InvalidError`."""
        _missing(source, target, quantization, progress)

    async def inspect(self, path: str) -> ModelFacts:
        """Raise `InvalidError`."""
        _missing(path)


class NoExporter:
    """The same for text encoders."""

    architectures: tuple[str, ...] = ()
    model_types: tuple[str, ...] = ()

    async def check(self, file: Path) -> tuple[str, ...]:
        """Raise `InvalidError`."""
        _missing(file)

    def export(self, folder: Path, target: Path) -> Path:
        """Raise `InvalidError`."""
        _missing(folder, target)


def _missing(*_: object) -> NoReturn:
    raise InvalidError(MISSING)
