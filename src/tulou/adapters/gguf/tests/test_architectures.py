"""What an architecture may be configured to do that llama.cpp does not is refused, by field."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFWriter, PoolingType

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.architectures import ARCHITECTURES
from tulou.adapters.gguf.facts import file_facts
from tulou.adapters.gguf.tests import tiny
from tulou.adapters.gguf.tests.conftest import quiet
from tulou.kernel.errors import InvalidError


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        ("llama", {"hidden_act": "relu"}, "the activation relu; llama.cpp has silu for llama"),
        ("gemma2", {"hidden_activation": "silu"}, "the activation silu"),
        ("gemma2", {"attn_logit_softcapping": None}, "attn_logit_softcapping None"),
        ("gemma2", {"layer_types": ["full_attention"] * 2}, "another order"),
        ("gemma2", {"tie_word_embeddings": False}, "ties the embeddings of gemma2"),
        ("gemma3", {"layer_types": ["full_attention"] * 7}, "another order"),
        ("gemma3", {"layer_types": None, "sliding_window_pattern": 4}, "another order"),
        ("gemma3", {"attn_logit_softcapping": 30.0}, "attn_logit_softcapping 30"),
        ("gemma3", {"use_bidirectional_attention": True}, "attention to both sides"),
        ("phi3 longrope", {"rope_parameters": {"rope_type": "longrope", "short_factor": [1.0]}}, "8 long and short"),
        ("phi3", {"rope_parameters": {"rope_type": "dynamic"}}, "asks for rope 'dynamic'"),
        ("phi3", {"partial_rotary_factor": 1.5, "rope_parameters": None}, "partial_rotary_factor"),
        (
            "llama",
            {"architectures": ["MixtralForCausalLM"]},
            "MixtralForCausalLM cannot be converted; LlamaForCausalLM",
        ),
        ("llama", {"architectures": []}, "None cannot be converted"),
        ("qwen3", {"architectures": ["LlamaForCausalLM"]}, "which a llama of 2 layers does not have"),
        ("llama", {"num_hidden_layers": 1}, "which a llama of 1 layers does not have"),
    ],
)
async def test_what_llama_cpp_does_otherwise_is_refused_by_field(
    tmp_path: Path, converter: GgufConverter, kind: str, change: dict[str, Any], why: str
) -> None:
    tiny.save(tmp_path / "model", kind)
    tiny.change_json(tmp_path / "model" / "config.json", **change)
    with pytest.raises(InvalidError) as refused:
        await converter.convert(str(tmp_path / "model"), str(tmp_path / "m.gguf"), quiet)
    assert why in str(refused.value)


def test_every_architecture_is_compared_with_transformers_by_its_answers() -> None:
    made = {model.__name__ for _, model, _ in tiny.KINDS.values()}
    assert made == set(ARCHITECTURES)


@pytest.mark.parametrize("does", ["ranks", "classifies", "embeds"])
def test_a_file_that_ranks_or_classifies_is_refused(tmp_path: Path, does: str) -> None:
    path = tmp_path / "m.gguf"
    writer = GGUFWriter(path, "bert")
    writer.add_pooling_type(PoolingType.RANK if does == "ranks" else PoolingType.CLS)
    if does == "classifies":
        writer.add_classifier_output_labels(["good", "bad"])
    writer.add_tensor("token_embd.weight", np.zeros((2, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    if does == "embeds":
        assert file_facts(path).architecture == "bert"
    else:
        with pytest.raises(InvalidError, match="ranks or classifies"):
            file_facts(path)
