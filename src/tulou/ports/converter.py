"""Something that turns model files into the form that engines load, and says what a model file is."""

from collections.abc import Callable
from typing import Protocol

from tulou.kernel.message import message

Progress = Callable[[float], None]


@message
class ModelFacts:
    """What a model file or folder says of itself; 0 or "" where it does not say.

    `format` is gguf or safetensors, `quantization` the type of most of its weights, such as Q8_0 or F16.
    """

    format: str
    architecture: str
    parameters: int
    context_length: int
    quantization: str
    chat_template: bool
    embedding_length: int = 0
    vocabulary: int = 0
    name: str = ""


class Converter(Protocol):
    """Makes and reads model files; `progress` is told the share done, from 0 to 1, perhaps from another thread.

    A target appears whole or not at all. Every method raises `InvalidError` for files that are corrupt, cut short or
    not supported; the message names what, which and what next. Cancelling ends the work and removes what was begun.
    """

    quantizations: tuple[str, ...]
    """The types that `quantize` can make, the usual one first."""

    architectures: tuple[str, ...]
    """What `convert` takes, as the `architectures` of `config.json` name it."""

    async def convert(self, folder: str, target: str, progress: Progress) -> ModelFacts:
        """Write a Hugging Face folder (safetensors and tokenizer.json) as an F16 file for engines."""
        ...

    async def quantize(self, source: str, target: str, quantization: str, progress: Progress) -> ModelFacts:
        """Write a converted file again with smaller weights; rows that do not fit the type keep a larger one."""
        ...

    async def inspect(self, path: str) -> ModelFacts:
        """Return the facts of a converted file or a Hugging Face folder, after checking that it is whole."""
        ...
