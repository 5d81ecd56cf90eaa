"""An encoder's folder whose files say what none says is refused by name, before its weights are read."""

import json
from pathlib import Path
from typing import Any

import pytest

from tulou.adapters.onnx.encoder import LARGEST, read_config, read_encoder
from tulou.adapters.onnx.sentences import read_pooling
from tulou.kernel.errors import InvalidError

SOUND: dict[str, Any] = {
    "model_type": "bert",
    "architectures": ["BertModel"],
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 16,
    "vocab_size": 50,
}
LONG = "x" * 100_000
DEEP = '{"a":' * 20_000 + "1" + "}" * 20_000
MOST_SAID = 500


def folder_of(place: Path, **changes: object) -> Path:
    (place / "config.json").write_text(json.dumps({**SOUND, **changes}))
    return place


def test_a_sound_one_is_read_whether_it_names_its_architecture_or_not(tmp_path: Path) -> None:
    for named in (["BertModel"], [], None):
        assert read_config(folder_of(tmp_path, architectures=named)).longest == 16


@pytest.mark.parametrize("name", ["hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"])
@pytest.mark.parametrize("value", [0, -1, 2**31, 10**30, 1.5, "8", None])
def test_a_size_that_no_encoder_has_is_refused_by_name(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(InvalidError, match=rf"config\.json: .*\$\.{name}"):
        read_config(folder_of(tmp_path, **{name: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"num_attention_heads": 3},
        {"model_type": "roberta", "max_position_embeddings": 2},
        {"model_type": None},
        {"model_type": LONG},
        {"model_type": [LONG]},
        {"architectures": "BertModel"},
        {"architectures": [LONG]},
        {"architectures": [None]},
        {"hidden_act": LONG},
        {"layer_norm_eps": 1e30},
    ],
)
def test_a_configuration_that_cannot_be_is_refused_in_few_words(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as refused:
        read_config(folder_of(tmp_path, **changes))
    assert len(str(refused.value)) < MOST_SAID


@pytest.mark.parametrize("text", [DEEP, "", "[]", "null", "\ud800", " " * (5 << 20)])
@pytest.mark.parametrize("name", ["config.json", "sentence_bert_config.json", "1_Pooling/config.json", "modules.json"])
def test_a_file_that_says_something_else_is_refused_by_name(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / name).write_text(text or "{", errors="surrogatepass")
    if name == "modules.json" and text == "[]":
        assert not read_pooling(tmp_path, longest=8, dimensions=8).normalize
        return
    with pytest.raises(InvalidError, match=Path(name).name) as refused:
        read_config(tmp_path) if name == "config.json" else read_pooling(tmp_path, longest=8, dimensions=8)
    assert len(str(refused.value)) < MOST_SAID


def test_a_folder_without_a_configuration_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"has no config\.json"):
        read_config(tmp_path)


def test_weights_larger_than_a_graph_can_hold_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with (folder_of(tmp_path) / "model.safetensors").open("wb") as weights:
        weights.truncate(LARGEST + 1)
    with pytest.raises(InvalidError, match="choose a smaller encoder"):
        read_encoder(tmp_path)
