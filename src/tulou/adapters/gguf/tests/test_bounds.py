"""A number, a name or a nesting in a model folder that no model has is refused before anything is made of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.rope import RopeConfig, rope_of
from tulou.adapters.gguf.tests import tiny
from tulou.adapters.gguf.tests.conftest import quiet
from tulou.adapters.gguf.weights import INDEX, MAX_HEADER, Weights
from tulou.kernel.errors import InvalidError

LONG = "x" * 100_000
EMPTY: dict[str, Any] = {"shape": [0], "data_offsets": [0, 0]}
MOST_SAID = 1_000
"""Characters of an error: it may list all known architectures."""


@pytest.fixture
def folder(llama: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(llama, tmp_path / "model"))


async def refusal(converter: GgufConverter, folder: Path) -> str:
    with pytest.raises(InvalidError) as refused:
        await converter.convert(str(folder), str(folder.parent / "m.gguf"), quiet)
    assert not list(folder.parent.glob("m.gguf*"))
    return str(refused.value)


@pytest.mark.parametrize(
    "name",
    [
        *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"),
        *("num_key_value_heads", "head_dim", "max_position_embeddings", "sliding_window"),
    ],
)
@pytest.mark.parametrize("value", [2**31, 2**63, -1, 1.5])
async def test_a_size_that_no_model_has_is_refused_by_name(
    folder: Path, converter: GgufConverter, name: str, value: float
) -> None:
    tiny.change_json(folder / "config.json", **{name: value})
    assert f"$.{name}" in await refusal(converter, folder)


@pytest.mark.parametrize("size", [2**20, 2**21])
async def test_a_vocabulary_larger_than_the_weights_is_refused_before_it_is_written(
    folder: Path, converter: GgufConverter, size: int
) -> None:
    tiny.change_json(folder / "config.json", vocab_size=size)
    assert f"config.json says [{size}, 64]" in await refusal(converter, folder)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"rms_norm_eps": 1e300}, "$.rms_norm_eps"),
        ({"rms_norm_eps": 1e-300}, "$.rms_norm_eps"),
        ({"rope_theta": 1e300, "rope_parameters": None}, "$.rope_theta"),
        ({"rope_parameters": {"rope_type": "default", "rope_theta": 1e39}}, "$.theta"),
        ({"rope_parameters": {"rope_type": "linear", "factor": 1e39}}, "$.factor"),
        ({"rope_parameters": {"full_attention": {}, "sliding_attention": {"rope_theta": -1}}}, "$.local_theta"),
    ],
)
async def test_a_number_that_32_bits_cannot_hold_is_refused_by_name(
    folder: Path, converter: GgufConverter, change: dict[str, Any], where: str
) -> None:
    tiny.change_json(folder / "config.json", **change)
    assert where in await refusal(converter, folder)


@pytest.mark.parametrize("kind", ["longrope", "llama3", "yarn", "linear", "su"])
@pytest.mark.parametrize("original", [0, 1])
def test_a_stretched_rope_without_a_length_to_stretch_is_refused(kind: str, original: int) -> None:
    config = RopeConfig(rope_parameters={"rope_type": kind, "original_max_position_embeddings": original})
    with pytest.raises(InvalidError, match=f"original_max_position_embeddings is {original}; .* at least 2 tokens"):
        rope_of(config, theta=10_000.0)


@pytest.mark.parametrize("kind", ["longrope", "llama3", "su"])
def test_a_rope_that_is_computed_from_an_older_length_must_say_it(kind: str) -> None:
    with pytest.raises(InvalidError, match="original_max_position_embeddings is missing"):
        rope_of(RopeConfig(rope_scaling={"type": kind}), theta=10_000.0)


@pytest.mark.parametrize("original", [0, 1])
async def test_a_folder_whose_long_rope_says_no_length_is_refused(
    tmp_path: Path, converter: GgufConverter, original: int
) -> None:
    tiny.save(tmp_path / "model", "phi3 longrope")
    changed = tiny.LONG | {"original_max_position_embeddings": original}
    tiny.change_json(
        tmp_path / "model" / "config.json", rope_parameters=changed, original_max_position_embeddings=original
    )
    assert f"original_max_position_embeddings is {original}" in await refusal(converter, tmp_path / "model")


@pytest.mark.parametrize(
    "change",
    [
        {"architectures": [LONG]},
        {"architectures": [[LONG]]},
        {"architectures": [{LONG: LONG}]},
        {"hidden_act": LONG},
        {"rope_parameters": {"rope_type": LONG}},
        {"rope_scaling": {"type": {LONG: [LONG]}}, "rope_parameters": None},
        {LONG: 1, "num_hidden_layers": "x"},
    ],
)
async def test_an_error_repeats_no_more_than_the_first_of_a_configuration(
    folder: Path, converter: GgufConverter, change: dict[str, Any]
) -> None:
    tiny.change_json(folder / "config.json", **change)
    assert len(await refusal(converter, folder)) < MOST_SAID


def steps(kind: str, count: int) -> dict[str, Any]:
    return {"type": "Sequence", kind: [{"type": LONG}] * count}


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"type": LONG}},
        {"model": {"type": [LONG]}},
        {"normalizer": {"type": LONG}},
        {"pre_tokenizer": steps("pretokenizers", 100)},
        {"post_processor": {"type": "BertProcessing", "cls": [LONG, 0], "sep": [LONG, 1]}},
        {"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": LONG}}] * 100}},
        {"added_tokens": [{"id": 10**300, "content": "x"}]},
        {"added_tokens": [{"id": 2**31, "content": "x"}]},
    ],
)
async def test_an_error_repeats_no_more_than_the_first_of_a_tokenizer(
    folder: Path, converter: GgufConverter, change: dict[str, Any]
) -> None:
    tiny.change_json(folder / "tokenizer.json", **change)
    assert len(await refusal(converter, folder)) < MOST_SAID


@pytest.mark.parametrize("depth", [20, 300, 2_000])
@pytest.mark.parametrize("step", ["normalizer", "pre_tokenizer", "post_processor"])
async def test_steps_within_one_another_without_end_are_refused(
    folder: Path, converter: GgufConverter, step: str, depth: int
) -> None:
    inner = {"normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "post_processor": "processors"}[step]
    path = folder / "tokenizer.json"
    whole = json.dumps({**json.loads(path.read_text()), step: "HERE"})
    nested = f'{{"type": "Sequence", "{inner}": [' * depth + "]}" * depth
    path.write_text(whole.replace('"HERE"', nested))
    assert "tokenizer.json" in await refusal(converter, folder)


@pytest.mark.parametrize("name", [LONG, ".hidden.safetensors", "../model.safetensors", "", ".", "a\0b"])
def test_an_index_names_files_of_its_own_folder_alone(folder: Path, name: str) -> None:
    shutil.copyfile(folder / "model.safetensors", folder / ".hidden.safetensors")
    (folder / INDEX).write_text(json.dumps({"weight_map": {"model.norm.weight": name}}))
    with pytest.raises(InvalidError, match="is missing though") as refused:
        Weights(folder)
    assert len(str(refused.value)) < MOST_SAID


@pytest.mark.parametrize("change", [{LONG: EMPTY | {"dtype": "I64"}}, {LONG: EMPTY | {"dtype": LONG}}, {LONG: 1}])
def test_an_error_repeats_no_more_than_the_first_of_a_header(folder: Path, change: dict[str, Any]) -> None:
    header = json.dumps(change).encode()
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(InvalidError) as refused:
        Weights(folder)
    assert len(str(refused.value)) < MOST_SAID


def test_a_header_of_more_tensors_than_any_model_has_is_refused(folder: Path) -> None:
    header = ("{" + ",".join(f'"{number}":0' for number in range(250_000)) + "}").encode()
    assert len(header) < MAX_HEADER
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(InvalidError, match="names 250000 tensors; at most 200000"):
        Weights(folder)
