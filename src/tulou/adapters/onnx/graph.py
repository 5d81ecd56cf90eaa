"""The computation of an encoder as an ONNX graph of standard operators.

`input_ids`, `attention_mask` (both int64, batch x length) -> `last_hidden_state` (float, batch x length x hidden).
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tulou.adapters.onnx.encoder import ACTIVATIONS, Array, EncoderWeights

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto

OPSET = 20
IR_VERSION = 9
"""The oldest that carries opset 20, so that older runtimes read the file too."""
FAR_BELOW = 1e30
"""Taken off the score of a padding token: it vanishes in the softmax, and is far from overflow."""


def build_model(encoder: EncoderWeights) -> "ModelProto":
    """Return the model."""
    graph = _Builder(encoder).build()
    return helper.make_model(
        graph, producer_name="tulou", ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
    )


class _Builder:
    """Adds nodes one by one; every value is named after what it is."""

    def __init__(self, encoder: EncoderWeights) -> None:
        self._encoder = encoder
        self._config = encoder.config
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def build(self) -> "GraphProto":
        """Return the whole graph."""
        hidden = self._embed()
        bias = self._mask_bias()
        for layer in range(self._config.num_hidden_layers):
            hidden = self._layer(hidden, bias, layer)
        self._add("Identity", [hidden], "last_hidden_state")
        width = self._config.hidden_size
        ids = [_value(name, TensorProto.INT64, ["batch", "length"]) for name in ("input_ids", "attention_mask")]
        out = _value("last_hidden_state", TensorProto.FLOAT, ["batch", "length", width])
        return helper.make_graph(self._nodes, self._config.model_type, ids, [out], self._constants)

    def _embed(self) -> str:
        """Words, positions and the one segment there is, normalised."""
        words = self._constant("words", self._encoder["embeddings.word_embeddings.weight"])
        places = self._encoder["embeddings.position_embeddings.weight"][self._config.first_position :]
        segment = self._encoder["embeddings.token_type_embeddings.weight"][0]
        table = self._constant("places", places + segment)  # every text is segment 0, so it is added here for good
        read = self._add("Gather", [words, "input_ids"], "embed.words")
        shape = self._add("Shape", ["input_ids"], "embed.length", start=1, end=2)
        zero = self._constant("zero", np.array([0], np.int64))
        rows = self._add("Slice", [table, zero, shape, zero], "embed.places")
        return self._norm(self._add("Add", [read, rows], "embed.sum"), "embeddings.LayerNorm")

    def _mask_bias(self) -> str:
        """Return 0 for a token and far below 0 for padding, as batch x 1 x 1 x length."""
        mask = self._add("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
        less = self._add("Sub", [mask, self._constant("one", np.array(1, np.float32))], "mask.less")
        bias = self._add("Mul", [less, self._constant("far", np.array(FAR_BELOW, np.float32))], "mask.bias")
        return self._add("Unsqueeze", [bias, self._constant("axes", np.array([1, 2], np.int64))], "mask")

    def _layer(self, hidden: str, bias: str, layer: int) -> str:
        name = f"encoder.layer.{layer}"
        attended = self._attention(hidden, bias, name)
        joined = self._add("Add", [self._dense(attended, f"{name}.attention.output.dense"), hidden], f"{name}.joined")
        hidden = self._norm(joined, f"{name}.attention.output.LayerNorm")
        wide = self._dense(hidden, f"{name}.intermediate.dense")
        active = self._add("Gelu", [wide], f"{name}.active", approximate=ACTIVATIONS[self._config.hidden_act])
        joined = self._add("Add", [self._dense(active, f"{name}.output.dense"), hidden], f"{name}.out")
        return self._norm(joined, f"{name}.output.LayerNorm")

    def _attention(self, hidden: str, bias: str, name: str) -> str:
        queries, keys, values = self._queries_keys_values(hidden, name)
        scores = self._add("MatMul", [queries, keys], f"{name}.scores")
        shares = self._add("Softmax", [self._add("Add", [scores, bias], f"{name}.masked")], f"{name}.shares", axis=-1)
        mixed = self._add("MatMul", [shares, values], f"{name}.mixed")
        back = self._add("Transpose", [mixed], f"{name}.back", perm=[0, 2, 1, 3])
        whole = self._constant("whole", np.array([0, 0, self._config.hidden_size], np.int64))
        return self._add("Reshape", [back, whole], f"{name}.attended")

    def _queries_keys_values(self, hidden: str, name: str) -> list[str]:
        """Compute all three in one product; the scale of the scores is part of the queries' weights."""
        heads = self._config.num_attention_heads
        size = self._config.hidden_size // heads
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        scales = (1 / math.sqrt(size), 1.0, 1.0)
        weights = [self._encoder[f"{part}.weight"].T * scale for part, scale in zip(parts, scales, strict=True)]
        biases = [self._encoder[f"{part}.bias"] * scale for part, scale in zip(parts, scales, strict=True)]
        product = self._affine(hidden, np.concatenate(weights, 1), np.concatenate(biases), f"{name}.qkv")
        split = [f"{name}.q", f"{name}.k", f"{name}.v"]
        self._nodes.append(helper.make_node("Split", [product], split, axis=2, num_outputs=3))
        shape = self._constant("heads", np.array([0, 0, heads, size], np.int64))
        turns = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        return [
            self._add("Transpose", [self._add("Reshape", [one, shape], f"{one}.split")], f"{one}.heads", perm=turn)
            for one, turn in zip(split, turns, strict=True)
        ]

    def _dense(self, value: str, name: str) -> str:
        weight, bias = self._encoder[f"{name}.weight"], self._encoder[f"{name}.bias"]
        return self._affine(value, weight.T, bias, name)

    def _affine(self, value: str, weight: Array, bias: Array, name: str) -> str:
        product = self._add("MatMul", [value, self._constant(f"{name}.w", weight)], f"{name}.product")
        return self._add("Add", [product, self._constant(f"{name}.b", bias)], name)

    def _norm(self, value: str, name: str) -> str:
        scale = self._constant(f"{name}.scale", self._encoder[f"{name}.weight"])
        shift = self._constant(f"{name}.shift", self._encoder[f"{name}.bias"])
        return self._add(
            "LayerNormalization", [value, scale, shift], name, axis=-1, epsilon=self._config.layer_norm_eps
        )

    def _add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _constant(self, name: str, value: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> str:
        """Keep a constant, once for each name."""
        if all(known.name != name for known in self._constants):
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name


def _value(name: str, kind: int, shape: list[str | int]) -> "ValueInfoProto":
    return helper.make_tensor_value_info(name, kind, shape)
