"""A graph that somebody brings is looked at before it is stored: damaged ones, and of other purposes, are refused."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tulou.adapters.onnx.exporter import OnnxExporter
from tulou.kernel.errors import InvalidError

WIDTH = 8
SEED = 20261201


def graph(
    *, inputs: tuple[str, ...] = ("input_ids", "attention_mask"), output: str = "last_hidden_state"
) -> ModelProto:
    """Return a graph that looks up a row for each token."""
    weights = np.arange(50 * WIDTH, dtype=np.float32).reshape(50, WIDTH)
    nodes = [
        helper.make_node("Gather", ["rows", "input_ids"], ["read"]),
        helper.make_node("Identity", ["read"], [output]),
    ]
    taken = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs]
    given = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", "length", WIDTH])]
    made = helper.make_graph(nodes, "rows", taken, given, [numpy_helper.from_array(weights, "rows")])
    return helper.make_model(made, ir_version=9, opset_imports=[helper.make_opsetid("", 20)])


def written(folder: Path, model: ModelProto) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def elsewhere(location: str, **entry: str) -> Callable[[ModelProto], None]:
    """Keep the weights in another file."""

    def change(model: ModelProto) -> None:
        tensor: Any = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, **entry}.items():
            tensor.external_data.add(key=key, value=value)

    return change


def test_an_encoder_is_taken(tmp_path: Path) -> None:
    OnnxExporter().check(written(tmp_path, graph()))
    OnnxExporter().check(written(tmp_path, graph(inputs=("input_ids",), output="sentence_embedding")))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (graph(output="logits"), "gives logits"),
        (graph(output="label_scores"), "gives label_scores"),
        (graph(inputs=("input_ids", "pixel_values")), "takes input_ids, pixel_values"),
        (graph(inputs=("tokens",)), "takes tokens"),
        (ModelProto(), "takes nothing"),
    ],
)
def test_a_graph_of_another_purpose_is_refused_by_what_it_takes_or_gives(
    tmp_path: Path, model: ModelProto, why: str
) -> None:
    with pytest.raises(InvalidError, match=rf"model\.onnx {why}"):
        OnnxExporter().check(written(tmp_path, model))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (elsewhere("../secret"), "no file beside it"),
        (elsewhere("/etc/passwd"), "no file beside it"),
        (elsewhere("none.onnx_data"), "no file beside it"),
        (elsewhere(""), "no file beside it"),
        (elsewhere("model.onnx_data", offset="0", length="1601"), "is cut short"),
        (elsewhere("model.onnx_data", offset="-1", length="1600"), "is cut short"),
        (elsewhere("model.onnx_data", offset="99999999999999999999", length="1"), "is cut short"),
    ],
)
def test_weights_in_another_file_must_be_there_whole(
    tmp_path: Path, change: Callable[[ModelProto], None], why: str
) -> None:
    (tmp_path / "model.onnx_data").write_bytes(bytes(1600))
    (tmp_path.parent / "secret").write_bytes(bytes(1600))
    model = graph()
    change(model)
    with pytest.raises(InvalidError, match=why):
        OnnxExporter().check(written(tmp_path, model))


def test_a_graph_with_any_bytes_changed_is_taken_or_refused(tmp_path: Path) -> None:
    whole = graph().SerializeToString()
    chance = random.Random(SEED)  # noqa: S311 # damage, not secrets
    refused = 0
    for _ in range(400):
        content = bytearray(whole)
        if chance.random() < 0.3:
            del content[chance.randrange(len(content)) :]
        for _ in range(chance.randrange(1, 4) if content else 0):
            near = chance.randrange(min(200, len(content)))  # weights lie in the middle, and may be anything
            content[chance.choice((near, -1 - near))] = chance.randrange(256)
        (tmp_path / "model.onnx").write_bytes(content)
        try:
            OnnxExporter().check(tmp_path / "model.onnx")
        except InvalidError as error:
            refused += "model.onnx" in str(error)
    assert refused > 200
