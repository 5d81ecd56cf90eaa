"""What a BERT-like encoder is made of, read from a Hugging Face folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from tulou.adapters.onnx.folder import read_json
from tulou.kernel.errors import InvalidError

Array = NDArray[np.float32]

FAMILIES = {"bert": 0, "roberta": 2, "xlm-roberta": 2}
"""Known architectures, and the row of the position table that belongs to a text's first token."""
ARCHITECTURES = (
    *("BertModel", "BertForMaskedLM", "BertForPreTraining"),
    *("RobertaModel", "RobertaForMaskedLM", "XLMRobertaModel", "XLMRobertaForMaskedLM"),
)
"""What is exported, by the names of transformers: a head on top that predicts words is left out."""
ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}


SHOWN = 80
LARGEST = 1_900_000_000
"""Bytes of weights: a protobuf message ends at 2 GiB, and they are inside of it."""
Size = Annotated[int, msgspec.Meta(ge=1, le=2**24)]


class EncoderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of `config.json` that shape the graph."""

    model_type: str
    hidden_size: Size
    num_hidden_layers: Size
    num_attention_heads: Size
    max_position_embeddings: Size
    vocab_size: Size
    layer_norm_eps: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1e-12
    hidden_act: str = "gelu"
    architectures: tuple[str, ...] | None = ()

    @property
    def first_position(self) -> int:
        """Row of the position table for the first token."""
        return FAMILIES[self.model_type]

    @property
    def longest(self) -> int:
        """Tokens of the longest text."""
        return self.max_position_embeddings - self.first_position


@dataclass(frozen=True, slots=True)
class EncoderWeights:
    """A configuration and its weights, under names without the architecture's prefix."""

    config: EncoderConfig
    weights: Mapping[str, Array]

    def __getitem__(self, name: str) -> Array:
        """Return a weight; raise `InvalidError` if the file lacks it."""
        if name not in self.weights:
            raise InvalidError(f"model.safetensors has no weight {name!r}; is it a {self.config.model_type} encoder?")
        return self.weights[name]


def read_encoder(folder: Path) -> EncoderWeights:
    """Read `config.json` and `model.safetensors`; raise `InvalidError` for what is not a known encoder."""
    config = read_config(folder)
    path = folder / "model.safetensors"
    if not path.is_file():
        raise InvalidError(f"{folder.name} has no model.safetensors; convert its weights to safetensors first")
    if path.stat().st_size > LARGEST:
        raise InvalidError(
            f"{folder.name} has more than {LARGEST >> 20} MiB of weights; choose a smaller encoder", param="path"
        )
    try:
        loaded = load(path.read_bytes())
    except (SafetensorError, TypeError, KeyError) as error:
        raise InvalidError(f"{path.name}: cannot be read ({error}); import weights in F32 or F16") from error
    prefix = next((f"{name}." for name in ("bert", "roberta") if f"{name}.embeddings.LayerNorm.bias" in loaded), "")
    weights = {
        name.removeprefix(prefix): tensor.astype(np.float32)
        for name, tensor in loaded.items()
        if tensor.dtype.kind == "f"
    }
    return EncoderWeights(config, weights)


def read_config(folder: Path) -> EncoderConfig:
    """Read `config.json`; raise `InvalidError` for an architecture that cannot be exported."""
    file = folder / "config.json"
    if not file.is_file():
        raise InvalidError(f"{folder.name} has no config.json; it is no whole model folder", param="path")
    config = read_json(file, EncoderConfig)
    named = config.architectures or ()
    if named and not set(named) & set(ARCHITECTURES):
        raise InvalidError(
            f"{folder.name} is a {', '.join(named)[:SHOWN]}; exported can be {', '.join(ARCHITECTURES)}", param="path"
        )
    if config.model_type not in FAMILIES or config.hidden_act not in ACTIVATIONS:
        raise InvalidError(
            f"{folder.name} is a {config.model_type[:SHOWN]} with {config.hidden_act[:SHOWN]}; exported can be "
            f"{', '.join(FAMILIES)} with {', '.join(ACTIVATIONS)}",
            param="path",
        )
    if config.hidden_size % config.num_attention_heads or config.longest < 1:
        raise InvalidError(f"{file.name}: its numbers of heads, widths and positions do not fit together", param="path")
    return config
