"""Files that are damaged, cut short or of a foreign kind are refused with words that help; nothing is left behind."""

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.tests import tiny
from tulou.adapters.gguf.tests.conftest import quiet
from tulou.kernel.errors import InvalidError


@pytest.fixture
async def model(llama: Path, tmp_path: Path, converter: GgufConverter) -> Path:
    await converter.convert(str(llama), str(tmp_path / "m.gguf"), quiet)
    return tmp_path / "m.gguf"


@pytest.fixture
def folder(llama: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(llama, tmp_path / "copy"))


def cuts(path: Path) -> Iterator[Path]:
    """Yield the file, each time shorter or longer, never whole."""
    whole = path.read_bytes()
    for share in (0.0, 0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.9999):
        path.write_bytes(whole[: int(len(whole) * share)])
        yield path


def overwrite(path: Path, place: int, value: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[place : place + len(value)] = value
    path.write_bytes(content)


async def test_a_file_cut_at_any_place_is_cut_short(model: Path, converter: GgufConverter) -> None:
    for cut in cuts(model):
        with pytest.raises(InvalidError, match=r"m\.gguf"):
            await converter.inspect(str(cut))


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (0, b"PK\x03\x04", "does not begin with GGUF"),
        (4, struct.pack("<I", 99), "version 99"),
        (8, struct.pack("<Q", 2**60), "it is corrupt"),
        (16, struct.pack("<Q", 2**40), "it is corrupt"),
        (24, struct.pack("<Q", 2**62), "cut short or corrupt"),
    ],
)
async def test_a_header_that_cannot_be_is_named(
    model: Path, converter: GgufConverter, place: int, value: bytes, words: str
) -> None:
    overwrite(model, place, value)
    with pytest.raises(InvalidError, match=words):
        await converter.inspect(str(model))


async def test_a_missing_file_is_named(tmp_path: Path, converter: GgufConverter) -> None:
    with pytest.raises(InvalidError, match="no model file at"):
        await converter.inspect(str(tmp_path / "none.gguf"))


async def test_an_unknown_quantization_lists_those_there_are(model: Path, converter: GgufConverter) -> None:
    with pytest.raises(InvalidError, match="there are Q8_0"):
        await converter.quantize(str(model), str(model.with_name("q.gguf")), "Q2_XXL", quiet)


async def test_a_quantized_file_is_not_quantized_again(model: Path, converter: GgufConverter) -> None:
    await converter.quantize(str(model), str(model.with_name("q.gguf")), "Q8_0", quiet)
    with pytest.raises(InvalidError, match="quantized already"):
        await converter.quantize(str(model.with_name("q.gguf")), str(model.with_name("q2.gguf")), "Q4_0", quiet)
    assert sorted(path.name for path in model.parent.iterdir()) == ["m.gguf", "q.gguf"]


async def test_weights_cut_short_are_refused_and_no_target_appears(folder: Path, converter: GgufConverter) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    target = folder.parent / "m.gguf"
    with pytest.raises(InvalidError, match="is cut short"):
        await converter.convert(str(folder), str(target), quiet)
    assert list(folder.parent.glob("m.gguf*")) == []


async def test_weights_with_a_corrupt_header_are_refused(folder: Path, converter: GgufConverter) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(struct.pack("<Q", 20) + b"{not json at all....")
    with pytest.raises(InvalidError, match="corrupt header"):
        await converter.inspect(str(folder))


async def test_a_missing_part_is_named(tmp_path: Path, converter: GgufConverter) -> None:
    tiny.save(tmp_path / "model", shard="30KB")
    parts = sorted((tmp_path / "model").glob("*.safetensors"))
    parts[0].unlink()
    with pytest.raises(InvalidError, match=parts[0].name):
        await converter.inspect(str(tmp_path / "model"))


async def test_an_unknown_architecture_lists_those_that_are_known(folder: Path, converter: GgufConverter) -> None:
    tiny.change_json(folder / "config.json", architectures=["MambaForCausalLM"])
    with pytest.raises(InvalidError, match=r"Mamba.*LlamaForCausalLM"):
        await converter.inspect(str(folder))


async def test_a_missing_weight_is_named(folder: Path, converter: GgufConverter) -> None:
    tiny.change_json(folder / "config.json", num_hidden_layers=3)
    with pytest.raises(InvalidError, match=r"missing, such as blk\.2\."):
        await converter.convert(str(folder), str(folder.parent / "m.gguf"), quiet)


async def test_a_tokenizer_of_another_kind_is_refused(folder: Path, converter: GgufConverter) -> None:
    tiny.change_json(folder / "tokenizer.json", model={"type": "Unigram", "vocab": []})
    with pytest.raises(InvalidError, match="kind Unigram"):
        await converter.convert(str(folder), str(folder.parent / "m.gguf"), quiet)


async def test_a_folder_without_weights_or_configuration_is_no_model(tmp_path: Path, converter: GgufConverter) -> None:
    with pytest.raises(InvalidError, match=r"config\.json is missing"):
        await converter.inspect(str(tmp_path))
