"""A converter and an exporter that take milliseconds, for tests of what is done with their files."""

import shutil
from pathlib import Path

from tulou.kernel.errors import InvalidError
from tulou.ports.converter import ModelFacts, Progress


def read(path: str | Path) -> bytes:
    """Read a small file."""
    return Path(path).read_bytes()


def write(path: str | Path, content: bytes) -> None:
    """Write a small file."""
    Path(path).write_bytes(content)


class CopyingConverter:
    """Plays the converter with files of a few bytes: `GGUF` and the type of the weights, then what they came from."""

    quantizations: tuple[str, ...] = ("Q8_0", "Q4_0")
    architectures: tuple[str, ...] = ("LlamaForCausalLM", "Qwen2ForCausalLM")

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def convert(self, folder: str, target: str, progress: Progress) -> ModelFacts:
        self.calls.append("convert")
        progress(1.0)
        write(target, b"GGUF F16 " + read(f"{folder}/model.safetensors"))
        return await self.inspect(target)

    async def quantize(self, source: str, target: str, quantization: str, progress: Progress) -> ModelFacts:
        self.calls.append(f"quantize {quantization}")
        progress(1.0)
        weights = read(source).split(b" ", 2)[2]
        write(target, b"GGUF " + quantization.encode() + b" " + weights)
        return await self.inspect(target)

    async def inspect(self, path: str) -> ModelFacts:
        magic, *rest = read(path).split(b" ")
        if magic != b"GGUF":
            raise InvalidError(f"{path} is no GGUF file: it does not begin with GGUF")
        return ModelFacts(
            format="gguf",
            architecture="llama",
            parameters=1_000,
            context_length=4096,
            quantization=rest[0].decode(),
            chat_template=True,
        )


class CopyingExporter:
    """Plays the exporter of encoders."""

    architectures: tuple[str, ...] = ("BertModel",)
    model_types: tuple[str, ...] = ("bert", "roberta")

    async def check(self, file: Path) -> tuple[str, ...]:
        """A graph of a few bytes: `damaged`, or `weights in` and the names of files."""
        content = read(file).decode()
        if content == "damaged":
            raise InvalidError(f"{file.name} is no sound ONNX file", param="path")
        return tuple(content.removeprefix("weights in ").split()) if content.startswith("weights in ") else ()

    def export(self, folder: Path, target: Path) -> Path:
        target.mkdir()
        for name in ("tokenizer.json", "config.json"):
            shutil.copyfile(folder / name, target / name)
        (target / "model.onnx").write_bytes((folder / "model.safetensors").read_bytes())
        return target
