"""The configuration of a Hugging Face folder, as far as engines need it."""

import json
from pathlib import Path

import msgspec

from tulou.kernel.errors import InvalidError

ARCHITECTURES = {
    "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "llama",
    "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3",
}
CONFIG_CAP = 4 * 1024 * 1024


class Rope(msgspec.Struct, frozen=True, kw_only=True):
    """How positions are turned: `type` is default, linear, yarn or llama3, each with the numbers it takes."""

    theta: float = 10_000.0
    type: str = "default"
    factor: float = 1.0
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    original_max_position_embeddings: int = 0


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
    num_hidden_layers: int
    hidden_size: int
    intermediate_size: int
    num_attention_heads: int
    vocab_size: int
    max_position_embeddings: int
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    rms_norm_eps: float = 1e-6
    rope_theta: float | None = None
    rope_scaling: dict[str, object] | None = None
    rope_parameters: dict[str, object] | None = None
    tie_word_embeddings: bool = False
    sliding_window: int | None = None
    use_sliding_window: bool = True
    quantization_config: dict[str, object] | None = None


def read_config(folder: Path) -> Config:
    """Return the configuration in *folder*; raise `InvalidError` for architectures that cannot be converted."""
    data = read_json(folder / "config.json")
    named = data.get("architectures")
    known = ", ".join(ARCHITECTURES)
    if not isinstance(named, list) or not named or named[0] not in ARCHITECTURES:
        raise InvalidError(f"config.json names the architecture {named}; {known} can be converted", param="path")
    try:
        raw = msgspec.convert(data, _Raw)
        rope = _rope(raw)
    except msgspec.ValidationError as error:
        raise InvalidError(f"config.json: {error}; it is corrupt or of a newer kind", param="path") from error
    if raw.quantization_config:
        raise InvalidError("the weights are quantized already; convert the original ones", param="path")
    return _config(raw, rope, folder)


def _config(raw: _Raw, rope: Rope, folder: Path) -> Config:
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
        chat_template=read_chat_template(folder),
    )


def read_json(path: Path) -> dict[str, object]:
    """Return a JSON object; raise `InvalidError` if the file is missing, too large or no such object."""
    if not path.is_file():
        raise InvalidError(f"{path.name} is missing in {path.parent.name}; it is no whole model folder", param="path")
    if path.name == "config.json" and path.stat().st_size > CONFIG_CAP:
        raise InvalidError(f"{path.name} has {path.stat().st_size} bytes; at most {CONFIG_CAP}", param="path")
    try:
        return msgspec.convert(json.loads(path.read_bytes()), dict[str, object])
    except (ValueError, msgspec.ValidationError) as error:
        raise InvalidError(f"{path.name} is not a JSON object ({error}); fetch it again", param="path") from error


def read_chat_template(folder: Path) -> str:
    """Return the chat template, from a file of its own or the tokenizer's configuration; "" where there is none."""
    alone = folder / "chat_template.jinja"
    if alone.is_file():
        return alone.read_text(encoding="utf-8")
    configured = folder / "tokenizer_config.json"
    template = read_json(configured).get("chat_template") if configured.is_file() else None
    if isinstance(template, list):  # several by name: the one for conversations
        named = msgspec.convert(template, list[dict[str, str]])
        template = next((each.get("template") for each in named if each.get("name") == "default"), None)
    return template if isinstance(template, str) else ""


def _rope(raw: _Raw) -> Rope:
    given = {**(raw.rope_scaling or {}), **(raw.rope_parameters or {})}
    theta = given.pop("rope_theta", None) or raw.rope_theta or 10_000.0
    kind = str(given.pop("rope_type", None) or given.pop("type", None) or "default")
    if kind not in ("default", "linear", "yarn", "llama3"):
        raise InvalidError(f"config.json asks for rope {kind!r}; default, linear, yarn, llama3 are known", param="path")
    return msgspec.convert({**given, "theta": theta, "type": kind}, Rope)
