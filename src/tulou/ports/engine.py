"""A loaded model: turns a prompt into tokens, or texts into vectors.

An engine is one of two kinds. A *self-serving* engine opens an HTTP endpoint of its own that speaks OpenAI's API (it
sets `base_url`). A *plain* engine offers Python calls, and the replica puts them behind the same API.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import field
from typing import Literal, Protocol, runtime_checkable

from tulou.kernel.message import message

Task = Literal["chat", "embedding"]
Modality = Literal["text", "image", "audio", "video"]
OptionValue = str | int | float | bool


@message
class EngineSpec:
    """What to load: `files` maps a name inside the artifact to its verified local path."""

    model: str
    task: Task
    format: str
    architecture: str
    files: Mapping[str, str]
    context_length: int
    concurrency: int = 4
    threads: int = 0
    host: str = "127.0.0.1"
    port: int = 0
    token: str = ""
    options: Mapping[str, OptionValue] = field(default_factory=dict[str, OptionValue])


@message
class EngineLoad:
    """How busy an engine is now, and what it has done since it opened."""

    running: int = 0
    waiting: int = 0
    cache_usage: float = 0.0
    prompt_tokens: int = 0
    generated_tokens: int = 0


@message
class Chunk:
    """A piece of an answer; the last one has `finish` and the token counts."""

    text: str = ""
    finish: Literal["stop", "length", "tool_calls"] | None = None
    prompt_tokens: int = 0
    generated_tokens: int = 0


@message
class Sampling:
    """How to choose tokens; the names and ranges are OpenAI's."""

    max_tokens: int = 0
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: str | None = None


@message
class Vectors:
    """One vector of floats for each text, in order, and the tokens that were read."""

    values: Sequence[Sequence[float]]
    tokens: int


class Engine(Protocol):
    """What every engine can do."""

    async def open(self) -> None:
        """Load the model and warm it; raise `InvalidError` naming the file when it cannot be loaded."""
        ...

    async def load(self) -> EngineLoad:
        """Say how busy the engine is."""
        ...

    async def close(self) -> None:
        """Free the model."""
        ...


@runtime_checkable
class SelfServingEngine(Protocol):
    """An engine with an HTTP endpoint of its own, protected by the spec's token."""

    @property
    def base_url(self) -> str:
        """Where it listens, without `/v1`."""
        ...


@runtime_checkable
class ChatEngine(Protocol):
    """An engine that answers chats in this process."""

    def generate(self, messages: Sequence[Mapping[str, object]], sampling: Sampling) -> AsyncGenerator[Chunk]:
        """Stream the answer to a conversation; closing the iterator stops the generation."""
        ...


@runtime_checkable
class EmbeddingEngine(Protocol):
    """An engine that turns texts into vectors."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text; raise `InvalidError` for a text that is too long."""
        ...


@runtime_checkable
class DetokenizingEngine(Protocol):
    """An engine that puts the numbers of its own tokenizer together again."""

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Return the text without tokens that only begin, end or pad; raise `InvalidError` for a number of none."""
        ...


@runtime_checkable
class PerceivingEngine(Protocol):
    """An engine whose model takes more than text; all others take text alone."""

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """What a request may bring."""
        ...


@runtime_checkable
class TokenizingEngine(Protocol):
    """An engine that knows its tokenizer."""

    @property
    def longest_token(self) -> int:
        """The bytes of the longest token, at least; 0 where the model does not say."""
        ...


@runtime_checkable
class MeasuredEngine(Protocol):
    """An engine with metrics of its own."""

    async def metrics(self) -> str:
        """Return them in Prometheus text format, under the names their makers gave them."""
        ...
