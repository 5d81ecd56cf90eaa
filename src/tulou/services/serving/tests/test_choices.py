"""Which engine runs a model, and how much memory it is thought to need."""

import pytest

from tulou.contracts.registry.messages import ArtifactFile, Facts
from tulou.kernel.errors import InvalidError
from tulou.services.serving.domain.engines import choose_engine
from tulou.services.serving.domain.fit import memory_needed

ALL = ("llamacpp", "openvino", "onnx")
AVX512 = ("avx2", "avx512f")
LLAMA = Facts(task="chat", format="gguf", architecture="llama", quantization="Q8_0")
MINILM = Facts(task="embedding", format="onnx", architecture="bert")


def choose(
    facts: Facts,
    asked: str = "auto",
    *,
    concurrency: int = 16,
    engines: tuple[str, ...] = ALL,
    features: tuple[str, ...] = AVX512,
) -> str:
    return choose_engine(asked, facts, concurrency=concurrency, engines=engines, features=features)


def test_many_requests_at_once_on_a_wide_processor_are_for_openvino() -> None:
    assert choose(LLAMA) == "openvino"


@pytest.mark.parametrize(
    "facts",
    [
        Facts(task="chat", format="gguf", architecture="gemma", quantization="Q8_0"),
        Facts(task="chat", format="gguf", architecture="llama", quantization="Q4_K_M"),
        Facts(task="embedding", format="gguf", architecture="llama", quantization="Q8_0"),
    ],
)
def test_what_openvino_does_not_load_well_is_for_llamacpp(facts: Facts) -> None:
    assert choose(facts) == "llamacpp"


def test_few_requests_another_processor_or_a_missing_package_are_for_llamacpp() -> None:
    assert choose(LLAMA, concurrency=4) == "llamacpp"
    assert choose(LLAMA, features=("avx2",)) == "llamacpp"
    assert choose(LLAMA, engines=("llamacpp", "onnx")) == "llamacpp"


def test_formats_of_one_engine_go_to_it() -> None:
    assert choose(MINILM) == "onnx"
    assert choose(Facts(task="chat", format="openvino")) == "openvino"


def test_what_is_asked_for_is_taken_if_it_can_load_the_format() -> None:
    assert choose(LLAMA, "llamacpp") == "llamacpp"
    assert choose(LLAMA, "plugin", engines=(*ALL, "plugin")) == "plugin"


@pytest.mark.parametrize(
    ("asked", "facts", "engines"),
    [
        ("warp", LLAMA, ALL),
        ("onnx", LLAMA, ALL),
        ("openvino", LLAMA, ("llamacpp",)),
        ("auto", Facts(task="chat", format="safetensors"), ALL),
        ("auto", MINILM, ("llamacpp",)),
    ],
)
def test_what_cannot_be_is_refused_naming_the_engine(asked: str, facts: Facts, engines: tuple[str, ...]) -> None:
    with pytest.raises(InvalidError) as refused:
        choose(facts, asked, engines=engines)
    assert refused.value.param == "engine"


def test_memory_is_weights_with_a_fifth_more_and_one_full_context() -> None:
    file = ArtifactFile(name="model.gguf", digest="", size=500_000_000, blob="")
    facts = Facts(task="chat", format="gguf", parameters=494_000_000, embedding_length=896)
    assert memory_needed([file], facts, context_length=0) == 600_000_000
    cache = memory_needed([file], facts, context_length=4096) - 600_000_000
    assert 50_000_000 < cache < 300_000_000


def test_an_embedding_model_keeps_no_context() -> None:
    file = ArtifactFile(name="model.onnx", digest="", size=1000, blob="")
    assert memory_needed([file], MINILM, context_length=512) == 1200
