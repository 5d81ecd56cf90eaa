"""A model folder with anything wrong in its files is converted, or refused by name: nothing else comes of it."""

import contextlib
import json
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tulou.adapters.gguf.converting import convert_folder
from tulou.adapters.gguf.facts import file_facts, folder_facts
from tulou.adapters.gguf.tests.conftest import quiet
from tulou.kernel.errors import InvalidError
from tulou.testing.mutations import mutated

EXAMPLES = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
WEIGHTS = "model.safetensors"


def header_of(file: Path) -> tuple[Any, bytes]:
    """Return the header of a safetensors file and what follows it."""
    content = file.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def try_folder(folder: Path, target: Path) -> None:
    """Look at a folder and convert it; refusals are answers."""
    for work in (lambda: folder_facts(folder), lambda: convert_folder(folder, target, quiet)):
        with contextlib.suppress(InvalidError):
            work()


@pytest.fixture
def folder(llama: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(llama, tmp_path / "model"))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
@EXAMPLES
@given(data=st.data())
def test_a_file_of_a_folder_with_something_wrong_in_it_is_refused_or_taken(
    llama: Path, folder: Path, name: str, data: st.DataObject
) -> None:
    good = json.loads((llama / name).read_bytes())
    (folder / name).write_text(json.dumps(data.draw(mutated(good))), "utf-8")

    try_folder(folder, folder.parent / "m.gguf")


@EXAMPLES
@given(data=st.data())
def test_weights_whose_header_has_something_wrong_in_it_are_refused_or_taken(
    llama: Path, folder: Path, data: st.DataObject
) -> None:
    header, rest = header_of(llama / WEIGHTS)
    wrong = json.dumps(data.draw(mutated(header))).encode()
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", len(wrong)) + wrong + rest)

    try_folder(folder, folder.parent / "m.gguf")


@pytest.mark.parametrize("header", [b"[]", b"null", b"{}", b"[" * 5000, b'{"a": 1}', b'{"__metadata__": {}}', b"\xff"])
def test_a_header_that_is_none_is_refused(folder: Path, header: bytes) -> None:
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", len(header)) + header)

    with pytest.raises(InvalidError, match=r"model"):
        folder_facts(folder)


@pytest.mark.parametrize(
    ("shape", "offsets"),
    [
        ([-2, -3], [0, 24]),
        ([2, 3.5], [0, 24]),
        ([2**80], [0, 24]),
        ([True], [0, 4]),
        ([1] * 20, [0, 4]),
        ([6], [24, 0]),
    ],
)
def test_a_shape_or_place_that_cannot_be_is_refused_by_name(folder: Path, shape: list[Any], offsets: list[int]) -> None:
    header, rest = header_of(folder / WEIGHTS)
    name = next(key for key in header if key != "__metadata__")
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
    wrong = json.dumps(header).encode()
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", len(wrong)) + wrong + rest)

    with pytest.raises(InvalidError, match=name.replace(".", r"\.")):
        folder_facts(folder)


def test_tensors_that_overlap_are_refused(folder: Path) -> None:
    header, rest = header_of(folder / WEIGHTS)
    name = next(key for key in header if key != "__metadata__")
    copies = {f"{name}.{number}": header[name] for number in range(1000)}
    wrong = json.dumps(copies).encode()
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", len(wrong)) + wrong + rest)

    with pytest.raises(InvalidError, match="overlap"):
        folder_facts(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"architectures": [["LlamaForCausalLM"]]},
        {"num_attention_heads": 0},
        {"hidden_size": 10**30},
        {"rope_theta": "x"},
    ],
)
def test_a_configuration_that_cannot_be_is_refused(folder: Path, change: dict[str, Any]) -> None:
    config = json.loads((folder / "config.json").read_bytes())
    (folder / "config.json").write_text(json.dumps(config | change), "utf-8")

    with pytest.raises(InvalidError, match=r"config\.json"):
        folder_facts(folder)


@EXAMPLES
@given(data=st.data())
def test_a_gguf_file_with_any_bytes_changed_is_read_or_refused(
    llama: Path, tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "m.gguf"
    if not path.exists():
        convert_folder(llama, tmp_path / "good.gguf", quiet)
    content = bytearray((tmp_path / "good.gguf").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, min(len(content), 4000) - 8))
        content[at : at + 8] = data.draw(st.binary(min_size=1, max_size=8))
    path.write_bytes(content)

    with contextlib.suppress(InvalidError):
        file_facts(path)
