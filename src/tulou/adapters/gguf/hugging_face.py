"""The configuration of a Hugging Face folder, as far as engines need it."""

from pathlib import Path
from typing import Annotated, cast

import msgspec

from tulou.kernel.errors import InvalidError

ARCHITECTURES = {
    "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "llama",
    "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3",
}
TEMPLATE_FILE = "chat_template.jinja"
CONFIG_CAP = 4 * 1024 * 1024
TOKENIZER_CAP = 256 * 1024 * 1024
"""Bytes of a tokenizer's files; the largest that are published have some 40 MB."""
LAYERS_CAP = 10_000
VOCABULARY_CAP = 16 * 1024 * 1024


Size = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Rope(msgspec.Struct, frozen=True, kw_only=True):
    """How positions are turned: `type` is default, linear, yarn or llama3, each with the numbers it takes."""

    theta: Positive = 10_000.0
    type: str = "default"
    factor: Positive = 1.0
    low_freq_factor: Positive = 1.0
    high_freq_factor: Positive = 4.0
    original_max_position_embeddings: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes of a model; `architecture` is GGUF's name for its kind."""

    architecture: str
    layers: int
    width: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_length: int
    vocabulary: int
    context_length: int
    norm_epsilon: float
    rope: Rope
    tied: bool
    sliding_window: int
    chat_template: str


class _Raw(msgspec.Struct, kw_only=True):
    architectures: list[str]
    num_hidden_layers: Annotated[int, msgspec.Meta(ge=1, le=LAYERS_CAP)]
    hidden_size: Size
    intermediate_size: Size
    num_attention_heads: Size
    vocab_size: Annotated[int, msgspec.Meta(ge=1, le=VOCABULARY_CAP)]
    max_position_embeddings: Size
    num_key_value_heads: Size | None = None
    head_dim: Size | None = None
    rms_norm_eps: Positive = 1e-6
    rope_theta: Positive | None = None
    rope_scaling: dict[str, object] | None = None
    rope_parameters: dict[str, object] | None = None
    tie_word_embeddings: bool = False
    sliding_window: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] | None = None
    use_sliding_window: bool = True
    quantization_config: dict[str, object] | None = None


def read_config(folder: Path) -> Config:
    """Return the configuration in *folder*; raise `InvalidError` for architectures that cannot be converted."""
    data = read_json(folder / "config.json")
    named = data.get("architectures")
    known = ", ".join(ARCHITECTURES)
    first = cast("list[object]", named)[0] if isinstance(named, list) and named else None
    if not isinstance(first, str) or first not in ARCHITECTURES:
        raise InvalidError(f"config.json names the architecture {named}; {known} can be converted", param="path")
    try:
        raw = msgspec.convert(data, _Raw)
        rope = _rope(raw)
        template = read_chat_template(folder)
    except msgspec.ValidationError as error:
        raise InvalidError(f"config.json: {error}; it is corrupt or of a newer kind", param="path") from error
    if raw.quantization_config:
        raise InvalidError("the weights are quantized already; convert the original ones", param="path")
    heads = raw.num_attention_heads
    if heads % (raw.num_key_value_heads or heads) or (raw.head_dim or raw.hidden_size // heads) % 2:
        raise InvalidError("config.json: its numbers of heads and their length do not fit together", param="path")
    if not raw.head_dim and raw.hidden_size < heads:
        raise InvalidError(f"config.json: hidden_size {raw.hidden_size} is less than its {heads} heads", param="path")
    return _config(raw, rope, template)


def _config(raw: _Raw, rope: Rope, template: str) -> Config:
    return Config(
        architecture=ARCHITECTURES[raw.architectures[0]],
        layers=raw.num_hidden_layers,
        width=raw.hidden_size,
        feed_forward=raw.intermediate_size,
        heads=raw.num_attention_heads,
        kv_heads=raw.num_key_value_heads or raw.num_attention_heads,
        head_length=raw.head_dim or raw.hidden_size // raw.num_attention_heads,
        vocabulary=raw.vocab_size,
        context_length=raw.max_position_embeddings,
        norm_epsilon=raw.rms_norm_eps,
        rope=rope,
        tied=raw.tie_word_embeddings,
        sliding_window=raw.sliding_window or 0 if raw.use_sliding_window else 0,
        chat_template=template,
    )


def read_json(path: Path) -> dict[str, object]:
    """Return a JSON object; raise `InvalidError` if the file is missing, too large or no such object."""
    if not path.is_file():
        raise InvalidError(f"{path.name} is missing in {path.parent.name}; it is no whole model folder", param="path")
    most = TOKENIZER_CAP if path.name.startswith("tokenizer") else CONFIG_CAP
    if path.stat().st_size > most:
        raise InvalidError(f"{path.name} has {path.stat().st_size} bytes; at most {most}", param="path")
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{path.name} is not a JSON object ({error}); fetch it again", param="path") from error


def template_file(folder: Path) -> str:
    """Return the name of the file that holds the chat template, if any does."""
    return TEMPLATE_FILE if (folder / TEMPLATE_FILE).is_file() else "tokenizer_config.json"


def read_chat_template(folder: Path) -> str:
    """Return the chat template, from a file of its own or the tokenizer's configuration; "" where there is none."""
    alone = folder / TEMPLATE_FILE
    if alone.is_file():
        return _read_text(alone)
    configured = folder / "tokenizer_config.json"
    template = read_json(configured).get("chat_template") if configured.is_file() else None
    if isinstance(template, list):  # several by name: the one for conversations
        named = msgspec.convert(template, list[dict[str, str]])
        template = next((each.get("template") for each in named if each.get("name") == "default"), None)
    return template if isinstance(template, str) else ""


def _read_text(path: Path) -> str:
    if path.stat().st_size > CONFIG_CAP:
        raise InvalidError(f"{path.name} has {path.stat().st_size} bytes; at most {CONFIG_CAP}", param="path")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidError(f"{path.name} is no text in UTF-8 ({error}); fetch it again", param="path") from error


def _rope(raw: _Raw) -> Rope:
    given = {**(raw.rope_scaling or {}), **(raw.rope_parameters or {})}
    theta = given.pop("rope_theta", None) or raw.rope_theta or 10_000.0
    kind = str(given.pop("rope_type", None) or given.pop("type", None) or "default")
    if kind not in ("default", "linear", "yarn", "llama3"):
        raise InvalidError(f"config.json asks for rope {kind!r}; default, linear, yarn, llama3 are known", param="path")
    rope = msgspec.convert({**given, "theta": theta, "type": kind}, Rope)
    if rope.high_freq_factor <= rope.low_freq_factor:
        raise InvalidError("config.json: high_freq_factor of the rope is not above low_freq_factor", param="path")
    return rope
