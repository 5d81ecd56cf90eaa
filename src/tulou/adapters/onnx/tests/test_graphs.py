"""A graph that somebody brings is looked at before it is stored: damaged ones, and of other purposes, are refused."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tulou.adapters.onnx.exporter import OnnxExporter
from tulou.adapters.onnx.review import look
from tulou.kernel.errors import InvalidError
from tulou.testing.confinement import confinement

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


def also_giving(name: str) -> ModelProto:
    """Return a graph whose second output is another one."""
    made = graph()
    given: Any = made.graph.output
    given.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2]))
    return made


def written(folder: Path, model: ModelProto) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


async def refusal(path: Path) -> str:
    """Return why a graph is refused; nothing if it is taken."""
    try:
        await OnnxExporter(confinement()).check(path)
    except InvalidError as error:
        return str(error)
    return ""


async def test_an_encoder_is_taken(tmp_path: Path) -> None:
    assert await refusal(written(tmp_path, graph())) == ""
    assert await refusal(written(tmp_path, graph(inputs=("input_ids",), output="sentence_embedding"))) == ""


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (graph(output="logits"), "gives logits"),
        (graph(output="label_scores"), "gives label_scores"),
        (graph(inputs=("input_ids", "pixel_values")), "takes input_ids, pixel_values"),
        (graph(inputs=("tokens",)), "takes tokens"),
        (ModelProto(), "takes nothing"),
        (also_giving("logits"), "gives logits"),
        (also_giving("class_probabilities"), "gives class_probabilities"),
    ],
)
async def test_a_graph_of_another_purpose_is_refused_by_what_it_takes_or_gives(
    tmp_path: Path, model: ModelProto, why: str
) -> None:
    assert f"model.onnx {why}" in await refusal(written(tmp_path, model))


WHOLE = {"offset": "0", "length": "1600"}


def elsewhere(place: Callable[[ModelProto], Any], location: str, **entry: str) -> ModelProto:
    """Return a graph that keeps the weights in one place of it in another file."""
    model = graph()
    tensor = place(model)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entry}.items():
        tensor.external_data.add(key=key, value=value)
    return model


def initializer(model: ModelProto) -> Any:
    found: Any = model.graph.initializer[0]
    return found


def constant(model: ModelProto) -> Any:
    nodes: Any = model.graph.node
    nodes.append(helper.make_node("Constant", [], ["more"], value=numpy_helper.from_array(np.zeros(400, np.float32))))
    return nodes[-1].attribute[0].t


def subgraph(model: ModelProto) -> Any:
    """Return a weight of the branch of a condition within the branch of another."""
    weights = numpy_helper.from_array(np.zeros(400, np.float32), "inner")
    inner = helper.make_graph([], "inner", [], [], [weights])
    within = helper.make_graph([helper.make_node("If", ["c"], ["y"], then_branch=inner)], "outer", [], [])
    nodes: Any = model.graph.node
    nodes.append(helper.make_node("If", ["c"], ["z"], then_branch=within))
    return nodes[-1].attribute[0].g.node[0].attribute[0].g.initializer[0]


def function(model: ModelProto) -> Any:
    weights = numpy_helper.from_array(np.zeros(400, np.float32))
    made = helper.make_function(
        "own", "F", [], ["y"], [helper.make_node("Constant", [], ["y"], value=weights)], [helper.make_opsetid("", 20)]
    )
    functions: Any = model.functions
    functions.append(made)
    return functions[0].node[0].attribute[0].t


def sparse(model: ModelProto) -> Any:
    values = numpy_helper.from_array(np.zeros(400, np.float32), "few")
    indices = numpy_helper.from_array(np.arange(400), "places")
    tensors: Any = model.graph.sparse_initializer
    tensors.append(helper.make_sparse_tensor(values, indices, [1000]))
    return tensors[0].values


PLACES = (initializer, constant, subgraph, function, sparse)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["model.onnx_data", "model.onnx.data", "weights.bin", "weights"])
async def test_a_file_that_holds_weights_is_named_wherever_in_the_graph_it_is_used(
    tmp_path: Path, place: Callable[[ModelProto], Any], name: str
) -> None:
    (tmp_path / name).write_bytes(bytes(1600))
    (tmp_path / "other.data").write_bytes(bytes(1600))
    path = written(tmp_path, elsewhere(place, name, **WHOLE))
    assert await OnnxExporter(confinement()).check(path) == (name,)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("location", "entry", "why"),
    [
        ("../secret", WHOLE, "no file beside it"),
        ("/etc/passwd", WHOLE, "no file beside it"),
        (".hidden", WHOLE, "no file beside it"),
        ("folder/model.onnx_data", WHOLE, "no file beside it"),
        ("none.onnx_data", WHOLE, "no file beside it"),
        ("x" * 100_000, WHOLE, "no file beside it"),
        ("", WHOLE, "no file beside it"),
        ("model.onnx_data", {"offset": "0", "length": "1601"}, "is cut short"),
        ("model.onnx_data", {"offset": "-1", "length": "1600"}, "is cut short"),
        ("model.onnx_data", {"offset": "9" * 20, "length": "1"}, "is cut short"),
        ("model.onnx_data", {"offset": "9" * 5_000, "length": "1"}, "is cut short"),
        ("model.onnx_data", {"offset": "1", "length": "\u0661"}, "is cut short"),
    ],
)
def test_weights_in_another_file_must_be_there_whole(
    tmp_path: Path, place: Callable[[ModelProto], Any], location: str, entry: dict[str, str], why: str
) -> None:
    for name in ("model.onnx_data", ".hidden", "../secret"):
        (tmp_path / name).write_bytes(bytes(1600))
    said = look(written(tmp_path, elsewhere(place, location, **entry))).reason
    assert why in said
    assert len(said) < 300


async def test_a_graph_that_is_made_to_take_much_memory_is_refused(tmp_path: Path) -> None:
    """Each node that says nothing is two bytes in the file, and more than a hundred in memory."""
    path = tmp_path / "model.onnx"
    nodes = b"\x0a\x00" * (20 << 20)
    path.write_bytes(b"\x3a" + _varint(len(nodes)) + nodes)
    assert "model.onnx is no sound ONNX file" in await refusal(path)


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
        said = look(tmp_path / "model.onnx").reason
        assert not said or "model.onnx" in said
        refused += bool(said)
    assert refused > 200


@pytest.mark.parametrize("depth", [50, 5_000])
def test_graphs_within_one_another_without_end_are_refused_or_taken(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "model.onnx"
    content = graph().SerializeToString()
    inner = b""
    for _ in range(depth):
        for tag in (b"\x32", b"\x2a", b"\x0a"):  # the graph of an attribute of a node
            inner = tag + _varint(len(inner)) + inner
    path.write_bytes(content + b"\x3a" + _varint(len(inner)) + inner)
    said = look(path).reason
    assert not said or "model.onnx is no sound ONNX file" in said


def _varint(value: int) -> bytes:
    made = b""
    while value > 0x7F:
        made, value = made + bytes([value & 0x7F | 0x80]), value >> 7
    return made + bytes([value])
